// The search dialog: fetched on first use. What others wrote reaches the page as text only, never as HTML.
const ROOT = new URL("../../", import.meta.url)
const CATALOGUE = new URL("reference/catalogue/", ROOT).href
const LONGEST = 400 // characters of the query in the address
const LATER_MS = 300 // Safari allows 100 changes of the address in 30 s
const FAULT = {
  titles: "Search could not be loaded. The catalogue lists every page.",
  texts: "Only names are searched: the texts could not be loaded.",
}

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

const style = make("link", { rel: "stylesheet", href: new URL("dialog.css", import.meta.url) })
const styled = new Promise(done => style.onload = style.onerror = done)
document.head.append(style)

const field = make("input", {
  type: "search", role: "combobox", "aria-label": "Search", "aria-expanded": "false", "aria-autocomplete": "list",
  "aria-controls": "search-results", autocomplete: "off", autocapitalize: "off", autocorrect: "off",
  spellcheck: "false", enterkeyhint: "go", placeholder: "Name, symptom, 中文",
})
const said = make("p", { role: "status" })
const fault = make("p", { class: "search-fault", role: "status" })
const list = make("div", { id: "search-results", role: "listbox", "aria-label": "Results", hidden: "" })
const near = make("p", { class: "search-near", hidden: "" })
const dialog = make("dialog", { class: "search", "aria-label": "Search" },
  make("form", { method: "dialog" }, field, make("button", { "aria-label": "Close the search" }, "Esc")),
  said, fault, list, near,
  make("p", { class: "search-foot" },
    make("a", { href: CATALOGUE }, "The catalogue"), " lists all pages with their other names."))
document.body.append(dialog)

// -------------------------------------------------------------------------------------- answers

let worker, asked = 0, shown = 0, active = -1, moved = false, go = false, texts = false

const start = () => {
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" })
  worker.onerror = () => failed("titles") // a script that is missing or broken
  worker.onmessage = ({ data }) => {
    if (data.fault) failed(data.fault)
    else if (data.ready) {
      dialog.dataset.ready = data.ready
      texts = data.ready === "texts"
      if (texts && !moved && field.value.trim()) ask() // the same question, to the whole site
    } else if (data.id === asked) show(data)
  }
}

const failed = what => {
  fault.textContent = FAULT[what]
  dialog.dataset.fault = what
  if (what === "titles") clear()
}

const ask = () => {
  const query = field.value.trim()
  moved = false
  asked += 1
  list.ariaBusy = String(query !== "")
  if (query) worker.postMessage({ id: asked, query })
  else clear()
}

const clear = () => {
  shown = asked
  list.ariaBusy = "false"
  go = false
  said.textContent = ""
  list.replaceChildren()
  near.hidden = list.hidden = true
  field.setAttribute("aria-expanded", "false")
  choose(-1)
}

/** Pieces as the worker cuts them, the marked ones in arrays. */
const pieces = parts => parts.map(part => Array.isArray(part) ? make("mark", {}, ...part) : part)

const option = (address, ...children) =>
  make("a", { role: "option", href: new URL(address, ROOT).href, tabindex: "-1", "aria-selected": "false" }, ...children)

const group = ({ address, kind, title, text, sections }, number) => {
  const page = option(address,
    make("strong", { id: `search-page-${number}` }, ...pieces(title)), make("small", {}, kind), make("span", {}, ...pieces(text)))
  const parts = sections.map(section => option(section.address,
    make("b", {}, ...pieces(section.heading)), make("span", {}, ...pieces(section.text))))
  return make("div", { role: "group", "aria-labelledby": `search-page-${number}` }, page, ...parts)
}

const show = ({ results, instead, near: close }) => {
  const then = go
  clear()
  list.replaceChildren(...results.map(group))
  options().forEach((each, i) => each.id = `search-option-${i}`)
  list.hidden = !results.length
  field.setAttribute("aria-expanded", String(results.length > 0))
  said.textContent = !results.length ? `Nothing is found for “${shorten(field.value.trim())}”.`
    : instead ? `Showing results for ${instead}` : ""
  near.hidden = !close.length
  near.replaceChildren("Near it: ", ...close.flatMap(({ address, title }, i) =>
    [i ? ", " : "", make("a", { href: new URL(address, ROOT).href }, title)]))
  list.scrollTop = 0
  choose(results.length ? 0 : -1)
  if (then) follow()
}

const shorten = text => text.length > 60 ? text.slice(0, 60) + "…" : text

// ---------------------------------------------------------------------------------------- moves

const options = () => [...list.querySelectorAll("[role=option]")]

const choose = number => {
  const all = options()
  all[active]?.setAttribute("aria-selected", "false")
  active = number
  if (number < 0) return field.removeAttribute("aria-activedescendant")
  all[number].setAttribute("aria-selected", "true")
  all[number].scrollIntoView({ block: "nearest" })
  field.setAttribute("aria-activedescendant", all[number].id)
}

const follow = () => {
  options()[active]?.click() // as a click, so that move.js exchanges the page without loading it anew
}

let later
const inAddress = query => {
  clearTimeout(later)
  const address = new URL(location)
  if (query) address.searchParams.set("q", query.slice(0, LONGEST))
  else address.searchParams.delete("q")
  if (address.href !== location.href) history.replaceState(history.state, "", address)
}

field.addEventListener("input", () => {
  clearTimeout(later)
  later = setTimeout(() => inAddress(field.value.trim()), LATER_MS)
  ask()
})

field.addEventListener("keydown", event => {
  if (event.isComposing) return // Enter and arrows belong to the input method
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const count = options().length
  if (step && count) {
    event.preventDefault()
    moved = true
    choose((active + step + count) % count)
  } else if (event.key === "Enter") {
    event.preventDefault()
    if (shown === asked) follow()
    else go = true // the answer is on its way
  }
})

dialog.addEventListener("click", event => {
  if (event.target === dialog) return shut() // outside the box
  // Closed first: the address is the page's own again when move.js looks at it.
  if (event.target.closest("a") && !(event.ctrlKey || event.metaKey || event.shiftKey)) shut()
}, true)

const shut = () => {
  dialog.close()
  inAddress("") // at once; the event comes later
}

dialog.addEventListener("close", () => inAddress(""))
window.addEventListener("popstate", () => dialog.close())

/** Open the dialog, with a query to begin with or with the last one. */
export const open = async query => {
  if (!worker) start()
  await styled
  if (dialog.open) return
  if (query) field.value = query
  dialog.showModal()
  field.select()
  if (field.value.trim()) {
    inAddress(field.value.trim())
    ask()
  }
}
