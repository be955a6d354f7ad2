// A small highlighter for Python that writes the classes Pygments writes, so that the theme colours it.
const words = text => new Set(text.split(" "))
const KEYWORDS = words("as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield and")
const CONSTANTS = words("False None True")
const BUILTINS = words("abs all any bool bytes dict enumerate filter float frozenset getattr hash hex id input int isinstance iter len list map max min next object open ord print property range repr reversed round set sorted staticmethod str sum super tuple type zip AssertionError Exception IndexError KeyError RuntimeError TypeError ValueError")
const TOKEN = /(#[^\n]*)|((?:[rbuft]{0,2})(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))|(0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?j?)|([^\W\d]\w*)|([-+*/%=<>!&|^~@]+)|([^])/giu

export function paint(code, text) {
  const out = document.createDocumentFragment()
  let plain = "", before = ""
  const flush = () => { if (plain) out.append(plain); plain = "" }
  const span = (name, text) => {
    flush()
    const element = document.createElement("span")
    element.className = name
    element.textContent = text
    out.append(element)
  }
  for (const [all, comment, string, number, name, operator] of text.matchAll(TOKEN)) {
    if (comment) span("c1", all)
    else if (string) span(/"""|'''/.test(all) ? "sd" : "s2", all)
    else if (number) span("mi", all)
    else if (name && before === "def") span("nf", all)
    else if (name && before === "class") span("nc", all)
    else if (KEYWORDS.has(all)) span("k", all)
    else if (CONSTANTS.has(all)) span("kc", all)
    else if (BUILTINS.has(all)) span("nb", all)
    else if (operator) span("o", all)
    else plain += all
    if (all.trim()) before = all
  }
  flush()
  code.replaceChildren(out)
}
