// The frame of a page: what follows the reader's scrolling, keys and choice of theme. Says "shown"
// when a page is there, the first one and each that move.js puts in its place, and "fit" when its width may be another.
const root = document.documentElement, html = document.body
const find = (what, where = document) => where.querySelector(what)
const all = (what, where = document) => [...where.querySelectorAll(what)]
// What an address names in the page: nothing where its escapes are broken, as in "#100%".
function named({ hash }) {
  try {
    return document.getElementById(decodeURIComponent(hash.slice(1)))
  } catch {
    return null
  }
}

// ------------------------------------------------------------------------------- where the reader is

let heading, entries, passed, before = 0
const bar = find(".md-header"), title = find(".md-header__title", bar)

function begin() {
  heading = find("article h1")
  entries = all(".md-sidebar--secondary a").map(link => [link, named(link)]).filter(([, target]) => target)
  passed = -1
  const here = find(".md-sidebar--primary a.md-nav__link--active")
  if (here?.clientHeight) centre(here)
  const met = new Set()
  for (const short of all("article abbr[title]")) // each is explained by key where it is met first
    if (met.size < met.add(short.textContent).size) short.tabIndex = 0
  reveal()
  scrolled()
  fit()
}

function scrolled() {
  const top = bar.offsetHeight
  bar.classList.toggle("md-header--shadow", find("main").offsetTop - top <= scrollY)
  title.classList.toggle("md-header__title--active", heading?.getBoundingClientRect().bottom < top)
  const up = find(".md-top")
  if (up) up.hidden = !(scrollY < before && scrollY > 0)
  before = scrollY
  if (!entries[0]?.[0].offsetHeight) return
  const end = scrollY + innerHeight >= root.scrollHeight - 1
  const last = end ? entries.length - 1 : entries.findLastIndex(([, target]) => target.getBoundingClientRect().top < top + 24)
  if (last === passed) return
  passed = last
  entries.forEach(([link], at) => {
    link.classList.toggle("md-nav__link--passed", at <= last)
    link.classList.toggle("md-nav__link--active", at === last)
  })
  if (last >= 0) centre(entries[last][0])
}

function centre(link) {
  const list = link.closest(".md-sidebar__scrollwrap"), box = list.getBoundingClientRect()
  list.scrollTop += link.getBoundingClientRect().top - box.top - box.height / 2
}

function reveal() {
  const fold = named(location)?.closest("details:not([open])")
  if (!fold) return
  fold.open = true
  fold.scrollIntoView()
}

addEventListener("scroll", scrolled, { passive: true }) // comes once a frame
addEventListener("hashchange", reveal)
document.addEventListener("shown", begin)
document.addEventListener("DOMContentLoaded", () => document.dispatchEvent(new Event("shown")))
document.addEventListener("click", ({ target }) => { if (target.closest?.(".md-top")) scrollTo({ top: 0 }) })

// ------------------------------------------------------------------------------- keys and narrow windows

function fit() {
  // What scrolls can be reached with the tab key.
  const boxes = all("pre > code, .highlight-ipynb, math[display=block], .md-typeset__scrollwrap")
  const scrolls = boxes.map(box => box.matches(".whole *") || box.scrollWidth > box.clientWidth)
  boxes.forEach((box, at) => scrolls[at] ? box.tabIndex = 0 : box.removeAttribute("tabindex"))
  document.dispatchEvent(new Event("fit"))
}
addEventListener("resize", fit)
document.fonts.addEventListener("loadingdone", fit) // other letters, other widths

const mark = ({ target, type }) => target.classList?.toggle("focus-visible", type === "focusin" && target.matches(":focus-visible"))
document.addEventListener("focusin", mark)
document.addEventListener("focusout", mark)

// ------------------------------------------------------------------------------- a word explained

let note
function explain({ target, type }) {
  if (note?.contains(target)) return
  const short = /over|in$/.test(type) ? target.closest("article abbr[title], [aria-describedby=note]") : null
  if (short === (note?.of ?? null)) return
  if (note) {
    note.of.title = note.textContent
    note.of.removeAttribute("aria-describedby")
    note.remove()
    note = null
  }
  if (!short) return
  note = Object.assign(document.createElement("div"), { id: "note", textContent: short.title, of: short, role: "tooltip" })
  short.removeAttribute("title") // or the browser shows it too
  short.setAttribute("aria-describedby", "note")
  html.append(note)
  const { left, bottom } = short.getClientRects()[0]
  note.style.left = `${Math.max(8, Math.min(left, root.clientWidth - note.offsetWidth - 8))}px`
  note.style.top = `${bottom + scrollY + 4}px`
}
for (const kind of ["pointerover", "focusin", "focusout"]) document.addEventListener(kind, explain)
document.addEventListener("keydown", event => { if (event.key === "Escape") explain(event) })

// ------------------------------------------------------------------------------- the theme

const form = find("[data-md-component=palette]"), choices = all("input", form)
const system = matchMedia("(prefers-color-scheme: dark)")
const colours = document.head.appendChild(document.createElement("meta"))
colours.name = "theme-color"

function wear(index) {
  const { mdColorMedia: media } = choices[index].dataset
  const like = media.includes(":") ? choices[index] : choices[system.matches ? 2 : 1]
  const color = { media }
  for (const part of ["scheme", "primary", "accent"]) color[part] = like.getAttribute(`data-md-color-${part}`)
  for (const part in color) html.setAttribute(`data-md-color-${part}`, color[part])
  choices.forEach(({ nextElementSibling: label }, at) => { label.hidden = at !== index })
  colours.content = getComputedStyle(bar).backgroundColor
  return { index, color }
}
let worn = __md_get("__palette")?.index ?? 0
const choose = index => __md_set("__palette", wear(worn = index))
form.addEventListener("change", ({ target }) => choose(choices.indexOf(target)))
form.addEventListener("keydown", ({ key }) => {
  if (key !== "Enter") return
  const next = choices[(worn + 1) % choices.length]
  next.click()
  next.focus()
})
system.addEventListener("change", () => wear(worn))
wear(worn)
