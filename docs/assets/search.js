// What the theme leaves out. The field on the home page opens the search and is ready for typing.
const field = () => document.querySelector("[data-md-component=search-query]")
document.addEventListener("click", event => {
  if (!event.target.closest?.(".hero-search")) return
  event.preventDefault()
  field()?.focus()
})

// The theme looks when a key goes up. A pasted, dictated or clicked word, as input methods for
// Chinese offer them, comes without a key.
document.addEventListener("input", event => {
  if (event.target === field()) field().dispatchEvent(new Event("keyup"))
})

// Names for those who do not see, and a stop of the tab key at what scrolls.
document.querySelector(".md-search")?.setAttribute("aria-label", "Search")
const reach = () => {
  for (const box of document.querySelectorAll(".whole pre > code, .highlight-ipynb, math[display=block]"))
    if (box.matches(".whole *") || box.scrollWidth > box.clientWidth) box.tabIndex = 0
}
window.document$?.subscribe(reach)
window.addEventListener("resize", reach)
