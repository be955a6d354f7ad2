// One program on a page: its editor, its output, and its turn on the visit's only Python.
import { paint } from "./paint.js"
import { picture } from "./picture.js"

const HERE = new URL("./", import.meta.url)
const SECONDS = 60 // a run takes no longer
const STARTING = 120 // nor does the start of Python: without WebAssembly it would hang silently
const PRINTED = 100_000 // characters; a run that prints more is ended
const BYTES = Number("@BYTES@") // of the runtime, uncompressed
const PROGRAM = /^# -+ the program\n/m // the banner below the simulator in a program that holds it
const SEED = /(\bRandom\(|\bseed(?:\s*:\s*int)?\s*=\s*)(\d+)\b/g

// ------------------------------------------------------- Python: one worker, kept between pages

let worker = null, ready = null, current = null

const sheet = document.createElement("link")
sheet.rel = "stylesheet"
sheet.href = new URL("run.css", HERE)
const styled = new Promise(done => { sheet.onload = sheet.onerror = done })
document.head.append(sheet)

function python(say = () => {}) {
  if (worker) { worker.say = say; return ready }
  // A worker made from a blob stands under the page's own Content-Security-Policy, also where a
  // host sends no headers.
  const code = `import ${JSON.stringify(new URL("worker.js", HERE).href)}`
  const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }))
  const mine = worker = new Worker(address, { type: "module", name: "python" })
  mine.say = say
  ready = new Promise((resolve, reject) => {
    const fail = message => {
      if (mine === worker) end()
      reject(new Error(message))
    }
    const late = setTimeout(() => fail(`it did not start in ${STARTING} s`), STARTING * 1000)
    mine.onerror = event => {
      event.preventDefault()
      if (mine === worker && current?.began) current.finish("Stopped: the interpreter ended.", true)
      else fail(event.message || "the worker did not start")
    }
    mine.onmessage = ({ data }) => {
      if (mine !== worker) return
      if (data.t === "ready") { clearTimeout(late); URL.revokeObjectURL(address); resolve() }
      else if (data.t === "load") mine.say(Number(data.share))
      else if (data.t === "dead" && current?.began) current.finish(`Stopped: ${data.s}.`, true)
      else if (data.t === "dead") fail(String(data.s))
      else current?.hear(data)
    }
  })
  ready.catch(() => {})
  mine.postMessage({ t: "boot", runtime: new URL("../@RUNTIME@/", HERE).href, lib: new URL("lib.zip", HERE).href, bytes: BYTES })
  return ready
}

function end() {
  worker?.terminate()
  worker = ready = null
}

addEventListener("run:page", () => {
  if (current && !current.bar.isConnected) current.finish("", true)
})

// ------------------------------------------------------------------------------ the panel

export function make(tag, name, words = {}) {
  const element = document.createElement(tag)
  element.className = name
  for (const [key, value] of Object.entries(words)) element.setAttribute(key, value)
  return element
}

export class Panel {
  constructor(bar, status, name, source) {
    Object.assign(this, { bar, status, name, source })
    for (const word of ["Stop", "Reset", "Copy"]) {
      if (!this.button(word)) {
        const button = make("button", `run-${word.toLowerCase()}`, { type: "button", "aria-label": `${word} ${name}` })
        button.textContent = word
        status.before(button)
      }
      this.button(word).hidden = true
    }
    this.body = make("div", "run-panel", { role: "region", "aria-label": `${name}: editor and output` })
    this.out = make("pre", "run-text", { tabindex: "0", role: "log", "aria-label": `Output of ${name}` })
    this.rest = make("div", "run-rest")
    this.body.append(this.out, this.rest)
    this.out.hidden = true;
    (source.after ?? bar).after(this.body)
    this.say("")
    this.loaded = this.load()
  }

  button(word) { return this.bar.querySelector(`.run-${word.toLowerCase()}`) }
  say(words) { this.status.textContent = words }

  async load() {
    const { href, code } = this.source
    let text = code?.textContent
    if (href) {
      const answer = await fetch(href)
      if (!answer.ok) throw new Error(`${href}: ${answer.status}`)
      text = await answer.text()
    }
    await styled
    this.original = this.text = text
    this.field()
  }

  async press(word) {
    if (word === "Run" && !worker) python() // it loads beside the program and the styles
    try {
      await this.loaded
    } catch (error) { return this.say(`The program could not be loaded: ${error.message}`) }
    const act = { Run: () => this.start(), Edit: () => this.edit(), Stop: () => this.finish("Stopped.", true), Reset: () => this.reset(), Copy: () => this.copy() }
    act[word]?.()
  }

  // ------------------------------------------------------------------------------ the seed

  /** The program's own seed: the number that stands most often where a seed stands. */
  seed() {
    const count = new Map()
    for (const [, , number] of this.text.slice(this.head()).matchAll(SEED)) count.set(number, (count.get(number) ?? 0) + (number === "0" ? 0.5 : 1))
    return [...count].sort((a, b) => b[1] - a[1])[0]?.[0]
  }

  head() { return PROGRAM.exec(this.text)?.index ?? 0 }

  field() {
    const seed = this.seed()
    if (!this.number) {
      if (seed === undefined) return
      const label = make("label", "run-seed")
      this.number = make("input", "", { type: "number", min: "0", step: "1", "aria-label": `Seed of ${this.name}` })
      label.append("Seed ", this.number)
      this.status.before(label)
      this.number.addEventListener("change", () => this.sow())
      this.number.addEventListener("keydown", event => { if (event.key === "Enter") { event.preventDefault(); this.sow(); this.start() } })
    }
    this.number.parentElement.hidden = seed === undefined
    if (seed !== undefined && document.activeElement !== this.number) this.number.value = seed
  }

  /** Write the field's number wherever the program has its seed. */
  sow() {
    const old = this.seed(), wanted = String(Math.trunc(Math.abs(this.number.valueAsNumber)))
    if (old === undefined || wanted === "NaN" || wanted === old) return
    const head = this.head()
    this.put(this.text.slice(0, head) + this.text.slice(head).replace(SEED, (all, before, number) => number === old ? before + wanted : all))
    this.say(`Seed ${wanted} is written into the program.`)
  }

  // ---------------------------------------------------------------------------- the editor

  open() {
    if (this.area) return
    const box = this.editor = make("div", "run-editor")
    const hint = make("p", "run-keys", { id: `run-keys-${Panel.made = (Panel.made ?? 0) + 1}` })
    hint.textContent = "Control or Command with Enter runs. Tab indents; Escape, then Tab, leaves the editor."
    const lines = make("pre", "highlight", { "aria-hidden": "true" })
    this.code = document.createElement("code")
    lines.append(this.code)
    const words = { spellcheck: "false", wrap: "off", autocapitalize: "off", autocomplete: "off", autocorrect: "off" }
    this.area = make("textarea", "", { ...words, "aria-label": `Program text of ${this.name}`, "aria-describedby": hint.id })
    this.area.addEventListener("input", () => this.put(this.area.value, true))
    this.area.addEventListener("keydown", event => this.key(event))
    box.append(lines, this.area)
    this.body.prepend(box, hint)
    this.hint = hint
    this.button("Copy").hidden = false
    this.put(this.text)
  }

  edit() {
    this.open()
    const shown = this.editing = !this.editing
    this.editor.hidden = this.hint.hidden = !shown
    if (this.source.block) this.source.block.hidden = shown
    this.button("Edit").setAttribute("aria-expanded", shown)
    if (!shown) return
    const above = this.text.slice(0, this.head()).split("\n").length - 1
    this.area.focus({ preventScroll: true })
    this.area.setSelectionRange(this.head(), this.head())
    this.editor.scrollTop = above * this.code.offsetHeight / this.text.split("\n").length
  }

  put(text, typed) {
    this.text = text
    if (this.area) {
      if (typed) this.paints ??= requestAnimationFrame(() => this.paint()) // a pasted text comes in an event a line
      else {
        this.area.value = text
        this.paint()
      }
    }
    this.button("Reset").hidden = text === this.original
    this.field()
  }

  paint() {
    this.paints = null
    paint(this.code, this.text)
  }

  reset() {
    this.put(this.original)
    this.say("The program is as it was.")
    this.button("Run")?.focus()
  }

  copy() {
    navigator.clipboard.writeText(this.text).then(() => this.say("Copied, as it stands in the editor."), () => this.say("Could not copy; select the text instead."))
  }

  type(words) { // so that the browser can undo it
    if (document.execCommand("insertText", false, words)) return
    this.area.setRangeText(words, this.area.selectionStart, this.area.selectionEnd, "end")
    this.put(this.area.value, true)
  }

  key(event) {
    const { area } = this, { selectionStart: from, selectionEnd: to, value } = area
    const begin = value.lastIndexOf("\n", from - 1) + 1
    const leaving = this.leaving
    if (event.key !== "Shift") this.leaving = event.key === "Escape"
    if (event.isComposing || event.altKey) return
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      this.start()
    } else if (event.ctrlKey || event.metaKey) {
      // every other key of this kind is the browser's
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault()
      const line = value.slice(begin, from)
      this.type("\n" + /^ */.exec(line)[0] + (/:\s*(#.*)?$/.test(line) ? "    " : ""))
    } else if (event.key === "Tab" && !leaving) {
      event.preventDefault()
      if (from === to && !event.shiftKey) return this.type(" ".repeat(4 - (from - begin) % 4))
      const part = value.slice(begin, to)
      const moved = event.shiftKey ? part.replace(/^ {1,4}/gm, "") : part.replace(/^(?=.)/gm, "    ")
      area.setSelectionRange(begin, to)
      if (moved !== part) this.type(moved)
      area.setSelectionRange(from === to ? area.selectionEnd : begin, area.selectionEnd)
    }
  }

  // ------------------------------------------------------------------------------- one run

  async start() {
    if (current === this) return
    current?.finish("Stopped: another program was started.", true)
    current = this
    const run = this.run = {}
    this.printed = 0
    this.began = 0
    this.out.replaceChildren()
    this.rest.replaceChildren()
    this.out.hidden = false
    this.bar.classList.add("run-busy")
    this.button("Stop").hidden = false
    this.say("Loading Python.")
    try {
      await python(share => { if (this.run === run) this.say(`Loading Python: ${Math.round(share * 100)} %.`) })
    } catch (error) {
      if (this.run === run) this.finish(`Python could not be loaded: ${error.message}.`)
      return
    }
    if (this.run !== run) return
    this.say("Running.")
    this.began = performance.now()
    this.clock = setTimeout(() => this.finish(`Stopped after ${SECONDS} s, the time limit.`, true), SECONDS * 1000)
    worker.postMessage(this.order())
  }

  order() {
    const { program = "", page = "" } = this.source
    return { t: "run", text: this.text, file: program ? `${program.split("/").at(-1)}.py` : "example.py", program, page: program ? page : "" }
  }

  hear(data) {
    if (data.t === "out" || data.t === "err") this.print(String(data.s), data.t)
    else if (data.t === "done") this.done(data)
  }

  print(words, kind) {
    const room = PRINTED - this.printed
    this.printed += words.length
    const span = make("span", `run-${kind}`)
    span.textContent = words.slice(0, Math.max(room, 0))
    this.out.append(span)
    // Once a frame: looking how high it is has all of it laid out.
    this.follows ??= requestAnimationFrame(() => {
      this.follows = null
      this.out.scrollTop = this.out.scrollHeight
    })
    if (words.length > room) this.finish(`Stopped: it printed more than ${PRINTED.toLocaleString("en")} characters.`, true)
  }

  done({ error, pictures, worn }) {
    const seconds = ((performance.now() - this.began) / 1000).toFixed(2)
    for (const markup of pictures ?? []) {
      try {
        this.rest.append(picture(String(markup)))
      } catch (problem) { this.print(`\n${problem.message}\n`, "err") }
    }
    if (!this.printed) this.out.hidden = true
    const words = error ? `Ended after ${seconds} s: ${String(error).slice(0, 300)}`
      : `Finished in ${seconds} s${this.printed ? "" : "; it printed nothing"}.`
    this.finish(words, worn)
  }

  finish(words, terminate) {
    if (current !== this) return
    clearTimeout(this.clock)
    current = this.run = null
    this.bar.classList.remove("run-busy")
    const stop = this.button("Stop"), focused = document.activeElement === stop
    stop.hidden = true
    if (focused) this.bar.querySelector("button").focus()
    this.say(words)
    if (terminate) { end(); python() } // what it needs is in the cache: be ready for the next run
  }
}

export default Panel
