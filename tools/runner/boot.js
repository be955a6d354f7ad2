// Puts Run and Edit beside every program that runs in a browser. All else comes with the first press.
const UI = "@FOLDER@/ui.js"
const HERE = new URL("./", import.meta.url)

function bar(name, source) {
  const group = document.createElement("span")
  group.className = "run-bar"
  group.setAttribute("role", "group")
  group.setAttribute("aria-label", name)
  const status = document.createElement("span")
  status.setAttribute("role", "status")
  status.textContent = "In your browser: Python, @MEGABYTES@ MB, comes with the first run."
  const words = source.exercise ? ["Check", "Reset"] : ["Run", "Edit"]
  group.append(...words.map(word => {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = word
    button.className = `run-${word.toLowerCase()}`
    button.setAttribute("aria-label", `${word} ${name}`)
    return button
  }), status)
  let panel
  group.addEventListener("click", async event => {
    const button = event.target.closest("button")
    if (!button) return
    try {
      const { Panel } = await import(HERE + UI)
      panel ??= new Panel(group, status, name, source)
      panel.press(button.textContent)
    } catch (error) { status.textContent = `The runner could not be loaded: ${error.message}` }
  })
  return group
}

function enhance() {
  const base = new URL("..", HERE).pathname
  const page = location.pathname.slice(base.length).replace(/\/(index\.html)?$/, "")
  for (const links of document.querySelectorAll(".program-links.runs:not(:has(.run-bar))")) {
    const { href, download } = links.querySelector("a[download]")
    const program = href.split("/downloads/").at(-1).replace(/\.py$/, "")
    links.prepend(bar(download, { href, program, page, after: links }))
  }
  document.querySelectorAll(".highlight:not(.program, .highlight *)").forEach((block, i) => {
    const code = block.querySelector("pre > code")
    if (block.nextElementSibling?.matches(".run-bar") || !/^ *#>/m.test(code?.textContent)) return
    const group = bar(`example ${i + 1}`, { code, block })
    block.after(group)
    group.source = block
  })
  dispatchEvent(new Event("run:page"))
}

if (window.document$) document$.subscribe(enhance)
else enhance()
