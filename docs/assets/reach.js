// What scrolls can be reached with the tab key.
const reach = () => {
  for (const box of document.querySelectorAll(".whole pre > code, .highlight-ipynb, math[display=block], .md-typeset__scrollwrap"))
    if (box.matches(".whole *") || box.scrollWidth > box.clientWidth) box.tabIndex = 0
}
window.document$?.subscribe(reach)
window.addEventListener("resize", reach)
