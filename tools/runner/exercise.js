// A page's exercise: the reader's answer is checked by the tests that the page shows, and kept.
import { Panel, make } from "./ui.js"

// A host may serve several sites from one origin, so the key names ours.
const KEY = `exercises ${new URL("../..", import.meta.url).pathname}`
const SIGNS = { true: "Passed", false: "Failed" }

function kept() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? {} } catch { return {} }
}

function keep(all) {
  try {
    if (Object.keys(all).length) localStorage.setItem(KEY, JSON.stringify(all))
    else localStorage.removeItem(KEY)
  } catch { /* a private window may refuse; the exercise works all the same */ }
}

export default class Exercise extends Panel {
  async load() {
    await super.load()
    const draft = kept()[this.source.exercise]?.draft
    if (typeof draft !== "string") return
    this.text = draft
    this.edit()
  }

  put(text, typed) {
    super.put(text, typed)
    const { draft, ...rest } = kept()[this.source.exercise] ?? {}
    if (text !== this.original) rest.draft = text
    this.remember(rest)
  }

  remember(entry) {
    const { [this.source.exercise]: old, ...others } = kept()
    keep(Object.keys(entry).length ? { ...others, [this.source.exercise]: entry } : others)
  }

  press(word) {
    this.checking = word === "Check"
    return super.press(word === "Check" ? "Run" : word)
  }

  start() { // Control with Enter checks
    this.checking ||= document.activeElement === this.area
    return super.start()
  }

  order() {
    if (!this.checking) return { ...super.order(), file: "exercise.py" }
    return { t: "check", text: this.text, tests: this.source.tests.textContent }
  }

  done(data) {
    if (!Array.isArray(data.results)) return super.done(data)
    const list = make("ul", "run-tests")
    const failed = data.results.filter(result => result.passed !== true)
    for (const { title, passed, hint, detail } of data.results) {
      const item = make("li", passed === true ? "run-passed" : "run-failed")
      item.append(`${SIGNS[passed === true]}: ${title}`)
      if (passed !== true) {
        const why = make("pre", "", { tabindex: "0", role: "group", "aria-label": `Why it failed: ${title}` })
        why.textContent = String(detail)
        const words = make("p", "run-hint")
        words.textContent = String(hint)
        item.append(why, words)
      }
      list.append(item)
    }
    this.rest.append(list)
    if (!this.printed) this.out.hidden = true
    const all = data.results.length
    if (data.error) this.finish(`The answer does not run: ${String(data.error).slice(0, 300)}`, data.worn)
    else if (failed.length || !all) this.finish(`${failed.length} of ${all} tests failed.`, data.worn)
    else {
      this.remember({ ...kept()[this.source.exercise], solved: new Date().toISOString().slice(0, 10) })
      this.finish(`Solved: all ${all} tests passed.`, data.worn)
    }
    this.progress()
  }

  /** What is kept on this device, and how to take it along or be rid of it. */
  progress() {
    const box = make("p", "run-progress")
    const count = Object.values(kept()).filter(entry => entry.solved).length
    const name = count === 1 ? "exercise" : "exercises"
    const button = (words, act) => {
      const made = make("button", "", { type: "button" })
      made.textContent = words
      made.addEventListener("click", act)
      return made
    }
    box.append(`${count} ${name} solved on this device. `,
      button("Export progress", () => this.save()),
      button("Clear progress", () => {
        keep({})
        box.replaceChildren()
        this.say("Progress and drafts are gone from this device.")
        this.bar.querySelector("button").focus()
      }))
    this.rest.append(box)
  }

  save() {
    const link = document.createElement("a")
    link.href = URL.createObjectURL(new Blob([JSON.stringify(kept(), null, 1)], { type: "application/json" }))
    link.download = "progress.json"
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  }
}
