// From page to page without loading anew, so that Python, once it is there, stays.
const SITE = new URL("..", import.meta.url), PARTS = ["header-topic", "skip", "container"]
const HEAD = "title, link[rel=canonical], link[rel=prev], link[rel=next], meta[name=description], meta[property]"
const part = (name, where = document) => where.querySelector(`[data-md-component=${name}]`)
const bare = address => address.href.replace(/[?#].*/, "")
const scripts = where => [...where.querySelectorAll("body > script[src]")].map(each => each.getAttribute("src").split("/").at(-1)).join()
let shown = bare(location), asked

// A page of ours, and another one than this.
function leads(link) {
  if (!link?.href || link.target || link.hasAttribute("download") || !link.href.startsWith(SITE.href)) return false
  return link.pathname.endsWith("/") && bare(link) !== shown
}

async function show(address, top) {
  asked?.abort()
  const { signal } = asked = new AbortController()
  try {
    const answer = await fetch(address, { signal })
    const text = await answer.text()
    const next = new DOMParser().parseFromString(text, "text/html")
    if (!answer.ok || !part("container", next) || scripts(next) !== scripts(document)) throw new Error("no page, or of a newer site")
    shown = bare(address)
    for (const each of document.querySelectorAll(`head > :is(${HEAD})`)) each.remove()
    document.head.append(...next.querySelectorAll(`head > :is(${HEAD})`))
    for (const name of PARTS) part(name).replaceWith(part(name, next))
    for (const old of part("container").querySelectorAll("script[src]")) { // what was parsed so does not run
      const fresh = document.createElement("script")
      for (const { name, value } of old.attributes) fresh.setAttribute(name, value)
      old.replaceWith(fresh)
    }
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address)
    return
  }
  shut()
  document.dispatchEvent(new Event("shown"))
  if (top === undefined && address.hash) return location.replace(address.hash)
  scrollTo({ top: top ?? 0, behavior: "instant" })
  const heading = document.querySelector("article h1") // a screen reader says where it is
  if (!heading || document.querySelector("dialog[open]")) return
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
}

function shut() {
  const drawer = document.getElementById("__drawer")
  if (drawer.checked) drawer.click()
}
addEventListener("hashchange", shut)

const keep = () => history.replaceState({ y: scrollY }, "")
function go(address) {
  history.scrollRestoration = "manual" // the browser would do it before the page is there
  keep()
  history.pushState(null, "", address)
  show(address)
}

if (location.protocol !== "file:") {
  // What stays in the frame was addressed from the page that was loaded.
  for (const each of document.querySelectorAll("header a[href], header img, link[rel=icon]")) {
    const name = each.src ? "src" : "href"
    each[name] = each[name]
  }
  let resting
  addEventListener("scroll", () => { clearTimeout(resting); resting = setTimeout(keep, 100) }, { passive: true })
  addEventListener("pagehide", () => { history.scrollRestoration = "auto" })
  addEventListener("popstate", ({ state }) => {
    if (bare(location) !== shown) show(new URL(location), state?.y ?? 0)
    else if (state && history.scrollRestoration === "manual") scrollTo({ top: state.y, behavior: "instant" })
  })
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[href]")
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    if (!leads(link)) return
    event.preventDefault()
    go(new URL(link.href))
  })
}

// The page before and the page after, by the keys that the theme has for it.
document.addEventListener("keydown", event => {
  const way = { p: "prev", ",": "prev", n: "next", ".": "next" }[event.key]
  if (!way || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], dialog, figure")) return
  const link = document.querySelector(`link[rel=${way}]`)
  if (link) location.protocol === "file:" ? location.assign(link.href) : go(new URL(link.href))
})
