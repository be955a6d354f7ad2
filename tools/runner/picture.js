// Builds a picture from text that a reader's program may have written. Nothing is inserted that
// is not on these lists: no script, no style, no link, no address of any kind.
const SVG = "http://www.w3.org/2000/svg"
const HTML = "http://www.w3.org/1999/xhtml"
const list = text => new Set(text.split(" "))
const TAGS = {
  [SVG]: list("svg g title desc path line polyline polygon rect circle ellipse text tspan"),
  [HTML]: list("figure figcaption small ul li code em strong sub sup"),
}
const ATTRIBUTES = list("class x y x1 y1 x2 y2 cx cy r rx ry dx dy d points width height viewBox preserveAspectRatio transform fill fill-opacity stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin opacity font-size font-weight text-anchor dominant-baseline role aria-labelledby")
const LARGEST = 200_000
let serial = 0

export function picture(markup) {
  if (markup.length > LARGEST) throw new Error("the picture is too large to be shown")
  const root = new DOMParser().parseFromString(markup, "text/html").body.firstElementChild
  const prefix = `yours${++serial}-`
  const allowed = element => TAGS[element.namespaceURI]?.has(element.localName)
  const value = (name, text) => {
    if (name === "class") return text.split(/\s+/).filter(word => /^(?!md-)[\w-]+$/.test(word)).join(" ")
    if (name === "aria-labelledby") return text.split(/\s+/).map(id => prefix + id).join(" ")
    return /url|[\\;:]/i.test(text) ? "" : text
  }
  const copy = from => {
    const to = document.createElementNS(from.namespaceURI, from.localName)
    for (const { name, value: text } of from.attributes) {
      if (name === "id") to.id = prefix + text
      else if (ATTRIBUTES.has(name)) to.setAttribute(name, value(name, text))
    }
    for (const child of from.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) to.append(child.data)
      else if (child.nodeType === Node.ELEMENT_NODE && allowed(child)) to.append(copy(child))
    }
    return to
  }
  if (root?.localName !== "figure") throw new Error("the picture is not a figure")
  return copy(root)
}
