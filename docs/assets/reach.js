// What scrolls can be reached with the tab key, and the buttons of a block of code are no
// landmark: a page has dozens, all without a name.
const reach = () => {
  for (const box of document.querySelectorAll("pre > code, .highlight-ipynb, math[display=block], .md-typeset__scrollwrap"))
    if (box.matches(".whole *") || box.scrollWidth > box.clientWidth) box.tabIndex = 0
  for (const buttons of document.querySelectorAll(".md-code__nav")) buttons.role = "none"
  // For narrow windows and less motion.
  if (mend || matchMedia("(max-width:76.24em),(prefers-reduced-motion)").matches)
    (mend ??= import("./mend.js")).then(({ settle }) => settle())
}
let mend

// Once more two frames later: the theme takes the tab stop from a block that got wider.
const soon = () => { reach(); requestAnimationFrame(() => requestAnimationFrame(reach)) }
window.document$?.subscribe(soon)
window.addEventListener("resize", soon)
