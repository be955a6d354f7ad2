// A small highlighter for Python that writes the classes Pygments writes, so that the theme colours it.
const words = text => new Set(text.split(" "))
const KEYWORDS = words("as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield and")
const CONSTANTS = words("False None True")
const BUILTINS = words("abs all any bool bytes dict enumerate filter float frozenset getattr hash hex id input int isinstance iter len list map max min next object open ord print property range repr reversed round set sorted staticmethod str sum super tuple type zip AssertionError Exception IndexError KeyError RuntimeError TypeError ValueError")
const TOKEN = /(#[^\n]*)|((?:[rbuft]{0,2})(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))|(0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?j?)|([^\W\d]\w*)|([-+*/%=<>!&|^~@]+)|([^])/giu

/** The lines of a program, each a list of its pieces: [class or "", text]. */
function lines(text) {
  const out = [[]]
  const add = (name, words) => words.split("\n").forEach((part, at) => {
    if (at) out.push([])
    const line = out.at(-1), last = line.at(-1)
    if (!name && last?.[0] === "") last[1] += part
    else if (part) line.push([name, part])
  })
  let before = ""
  for (const [all, comment, string, number, name, operator] of text.matchAll(TOKEN)) {
    if (comment) add("c1", all)
    else if (string) add(/"""|'''/.test(all) ? "sd" : "s2", all)
    else if (number) add("mi", all)
    else if (name && before === "def") add("nf", all)
    else if (name && before === "class") add("nc", all)
    else if (KEYWORDS.has(all)) add("k", all)
    else if (CONSTANTS.has(all)) add("kc", all)
    else if (BUILTINS.has(all)) add("nb", all)
    else if (operator) add("o", all)
    else add("", all)
    if (all.trim()) before = all
  }
  return out
}

function element(pieces) {
  const line = document.createElement("span")
  for (const [name, words] of pieces) {
    if (!name) { line.append(words); continue }
    const piece = line.appendChild(document.createElement("span"))
    piece.className = name
    piece.textContent = words
  }
  line.append("\n")
  return line
}

/** Put a coloured program into an element, a child for each line. Lines that are there already stay, so that a key
    in a program of a thousand lines has one of them laid out. */
export function paint(code, text) {
  const now = lines(text), keys = now.map(line => JSON.stringify(line)), old = code.keys ?? []
  let head = 0, tail = 0
  const most = Math.min(keys.length, old.length)
  while (head < most && keys[head] === old[head]) head += 1
  while (tail < most - head && keys.at(-1 - tail) === old.at(-1 - tail)) tail += 1
  const rest = code.childNodes[old.length - tail] ?? null
  for (const gone of [...code.childNodes].slice(head, old.length - tail)) gone.remove()
  const fresh = document.createDocumentFragment()
  fresh.append(...now.slice(head, now.length - tail).map(element))
  code.insertBefore(fresh, rest)
  code.keys = keys
}
