// The ways into the search. All of it is fetched when somebody wants it, nothing before.
const CATALOGUE = new URL("../reference/catalogue/", import.meta.url).href // the search without a script

const search = query => import("./search/dialog.js").then(
  ({ open }) => open(query),
  () => location.assign(CATALOGUE))

const button = document.createElement("button")
button.type = "button"
button.className = "ask"
button.setAttribute("aria-label", "Search")
button.setAttribute("aria-keyshortcuts", "/ s Control+K")
button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="10" cy="10" r="6"/><path d="m15 15 6 6"/></svg>
<span>Search</span> <kbd>/</kbd>`
document.querySelector(".md-header__inner")?.append(button)

const plain = event => !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
document.addEventListener("click", event => {
  if (!plain(event) || !event.target.closest?.(".ask, .hero-search")) return
  event.preventDefault()
  event.stopPropagation() // move.js would follow the link
  search()
}, true)

document.addEventListener("keydown", event => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog")
  const key = event.key.toLowerCase()
  const wanted = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey ? key === "k"
    : plain(event) && !typing && (key === "/" || key === "s")
  if (!wanted || event.defaultPrevented) return
  event.preventDefault()
  search()
})

// An address with ?q= is a search that somebody sent.
const sent = new URL(location).searchParams.get("q")
if (sent) search(sent)
