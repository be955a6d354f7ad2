// The theme's menu of a narrow window is made of labels, which no key reaches: here they become buttons.
// page.js says "fit" when the page or its width has changed.
const LABELS = ".md-header label[for=__drawer], .md-sidebar--primary label:not([for=__drawer])"
const toggle = id => document.getElementById(id)
const each = (what, act) => document.querySelectorAll(what).forEach(act)

// Says what can be reached and what is open, and gives the panel in sight, in a narrow window.
function settle() {
  const narrow = document.querySelector(".md-header [for=__drawer]")?.getClientRects().length
  if (narrow) each(LABELS, label => {
    const button = document.createElement("button"), words = label.textContent.trim()
    for (const { name, value } of label.attributes) button.setAttribute(name, value)
    button.type = "button"
    if (!words) button.ariaLabel = "Menu"
    if (label.matches(".md-nav__title")) button.ariaLabel = `Back from ${words}`
    button.append(...label.childNodes)
    button.onclick = () => toggle(button.getAttribute("for")).click()
    label.replaceWith(button)
  })
  // One panel lies over the others. Nothing else is to be reached: not what is under it, nor the page behind.
  let panel = document.querySelector(".md-nav--primary"), next = panel
  while (next) next = (panel = next).querySelector(":scope > ul > li > :checked ~ .md-nav")
  const open = narrow && toggle("__drawer").checked
  each(".md-nav--primary :is(a, button)", part => part.inert = narrow && part.closest(".md-nav") !== panel)
  each(".md-nav--primary .md-nav", nav => nav.inert = narrow && !nav.contains(panel))
  each(".md-sidebar--primary", side => side.inert = narrow && !open)
  each(".md-skip, .md-header, .md-content, .md-top, .md-footer", behind => behind.inert = open)
  each("button[for]", button => {
    button.tabIndex = narrow ? 0 : -1
    button.ariaExpanded = toggle(button.getAttribute("for")).checked
  })
  return narrow && panel
}
document.addEventListener("fit", settle)
document.addEventListener("change", ({ target }) => {
  const panel = target.matches(".md-toggle") && settle()
  if (!panel) return
  const next = target.checked ? panel.querySelector("a, button") : document.querySelector(`button[for=${target.id}]`)
  next?.focus()
})
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && toggle("__drawer")?.checked) toggle("__drawer").click()
})
