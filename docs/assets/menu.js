// The theme's menu of a narrow window is made of labels, which no key reaches: here they become buttons.
// Does nothing before the window is narrow. page.js says "fit" when the page or its width has changed.
const LABELS = ".md-header label[for=__drawer], .md-sidebar--primary label:not([for=__drawer])"
const toggle = id => document.getElementById(id)
let used = false

function settle() {
  const narrow = document.querySelector(".md-header [for=__drawer]")?.getClientRects().length
  if (narrow) for (const label of document.querySelectorAll(LABELS)) {
    const button = document.createElement("button"), words = label.textContent.trim()
    for (const { name, value } of label.attributes) button.setAttribute(name, value)
    button.type = "button"
    if (!words) button.ariaLabel = "Menu"
    if (label.matches(".md-nav__title")) button.ariaLabel = `Back from ${words}`
    button.append(...label.childNodes)
    button.onclick = () => toggle(button.getAttribute("for")).click()
    label.replaceWith(button)
  }
  // One panel lies over the others. Nothing else is to be reached: not what is under it, nor the page behind.
  let panel = document.querySelector(".md-nav--primary"), next = panel
  while (next) next = (panel = next).querySelector(":scope > ul > li > :checked ~ .md-nav")
  const open = narrow && toggle("__drawer").checked
  for (const each of document.querySelectorAll(".md-nav--primary :is(a, button)")) each.inert = narrow && each.closest(".md-nav") !== panel
  for (const each of document.querySelectorAll(".md-nav--primary .md-nav")) each.inert = narrow && !each.contains(panel)
  for (const each of document.querySelectorAll(".md-sidebar--primary")) each.inert = narrow && !open
  for (const each of document.querySelectorAll(".md-skip, .md-header, .md-content, .md-top, .md-footer")) each.inert = open
  for (const button of document.querySelectorAll("button[for]")) {
    button.tabIndex = narrow ? 0 : -1
    button.ariaExpanded = toggle(button.getAttribute("for")).checked
  }
  return panel
}
document.addEventListener("fit", () => {
  used ||= matchMedia("(max-width:76.24em)").matches
  if (used) settle()
})
document.addEventListener("change", ({ target }) => {
  if (!used || !target.matches(".md-toggle")) return
  const panel = settle()
  const next = target.checked ? panel.querySelector("a, button") : document.querySelector(`button[for=${target.id}]`)
  next?.focus()
})
document.addEventListener("keydown", ({ key }) => {
  if (used && key === "Escape" && toggle("__drawer")?.checked) toggle("__drawer").click()
})
