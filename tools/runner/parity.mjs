// Runs texts in one Python under node, as the worker runs them in a browser.
// Arguments: the runtime's folder, the library's zip. Input: [{text, file, program, page}], or
// with tests instead of the last two. Output: what each printed and gave, as JSON.
import fs from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"

const [runtime, library] = process.argv.slice(2).map(each => path.resolve(each))
const orders = JSON.parse(fs.readFileSync(0, "utf-8"))
const { loadPyodide } = await import(pathToFileURL(`${runtime}/pyodide.mjs`).href)
const python = await loadPyodide({ indexURL: `${runtime}/`, env: { HOME: "/reader", PYTHONHASHSEED: "0" } })
let said = { out: [], err: [] }
for (const [kind, set] of [["out", "setStdout"], ["err", "setStderr"]])
  python[set]({ batched: line => said[kind].push(line) })
python.setStdin({ error: true })
python.FS.mkdirTree("/reader/lib")
python.unpackArchive(new Uint8Array(fs.readFileSync(library)), "zip", { extractDir: "/reader/lib" })
python.runPython("import sys; sys.path.insert(0, '/reader/lib')")
const host = python.pyimport("host")
const answers = []
for (const { text, file, program = "", page = "", tests } of orders) {
  said = { out: [], err: [] }
  const began = performance.now()
  const answer = await (tests === undefined ? host.run(text, file, program, page) : host.check(text, tests))
  answers.push({ ...answer.toJs({ dict_converter: Object.fromEntries }), ...said, ms: performance.now() - began })
  answer.destroy()
}
process.stdout.write(JSON.stringify(answers))
