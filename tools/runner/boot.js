// Puts Run and Edit beside every program that runs in a browser. All else comes with the first press.
const FOLDER = "@FOLDER@/"
const HERE = new URL("./", import.meta.url)

function bar(name, source) {
  const group = document.createElement("span")
  group.className = "run-bar"
  group.setAttribute("role", "group")
  group.setAttribute("aria-label", name)
  const status = document.createElement("span")
  status.setAttribute("role", "status")
  status.textContent = source.solved ? `Solved on this device, ${source.solved}.`
    : "In your browser: Python, @MEGABYTES@ MB, comes with the first run."
  const words = source.exercise ? ["Run", "Edit", "Check"] : ["Run", "Edit"]
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
      const { default: Panel } = await import(HERE + FOLDER + (source.exercise ? "exercise.js" : "ui.js"))
      panel ??= new Panel(group, status, name, source)
      panel.press(button.textContent)
    } catch (error) { status.textContent = `The runner could not be loaded: ${error.message}` }
  })
  return group
}

function solved(base, id) {
  try { return JSON.parse(localStorage.getItem(`exercises ${base}`))[id].solved } catch { /* not yet */ }
}

function enhance() {
  const base = new URL("..", HERE).pathname
  const page = location.pathname.slice(base.length).replace(/\/(index\.html)?$/, "")
  for (const links of document.querySelectorAll(".program-links.runs:not(:has(.run-bar))")) {
    const { href, download } = links.querySelector("a[download]")
    const program = href.split("/downloads/").at(-1).replace(/\.py$/, "")
    links.prepend(bar(download, { href, program, page, after: links }))
  }
  let examples = 0
  for (const block of document.querySelectorAll(".highlight")) {
    const code = block.querySelector("pre > code"), exercise = block.closest(".exercise")
    let source
    if (block.matches(".starter")) {
      const id = exercise.dataset.exercise, tests = exercise.querySelector(".tests pre > code")
      source = ["exercise.py", { code, block, tests, exercise: id, solved: solved(base, id) }]
    } else if (!block.matches(".program, .highlight *") && !exercise && /^ *#>/m.test(code?.textContent))
      source = [`example ${++examples}`, { code, block }]
    if (source && !block.nextElementSibling?.matches(".run-bar")) block.after(bar(...source))
  }
  dispatchEvent(new Event("run:page"))
}

document.addEventListener("shown", enhance)
