// One run of tools.bench_search. Arguments: folder with the engines, file with pages and queries.
import fs from "node:fs"
import path from "node:path"
import vm from "node:vm"
import { pathToFileURL } from "node:url"

const [, , folder, file] = process.argv
const { Engine } = await import(pathToFileURL(path.join(folder, "engine.js")).href)
const { pages, keys } = JSON.parse(fs.readFileSync(file, "utf8"))

/** The search of this site. */
const ours = async () => {
  const entries = pages.map(({ address, title, names, sections }) => ({
    address, kind: "concept", title, question: "", names, headings: sections.slice(1).map(({ anchor, heading }) => [anchor, heading]) }))
  const engine = new Engine({ entries })
  await engine.add({ asked: pages.map(({ asked }) => asked), texts: pages.map(({ sections }) => sections.map(({ text }) => [text, ""])) })
  return key => engine.search(key).results.length
}

/** The theme's, in the script that it runs in its worker. */
const theme = async () => {
  let receive, answer
  const world = { console: { warn() {} }, addEventListener: (_, listener) => receive = listener, postMessage: data => answer = data }
  vm.runInNewContext(fs.readFileSync(path.join(folder, "theme.js"), "utf8"), Object.assign(world, { self: world }))
  const docs = pages.flatMap(({ address, title, names, sections }) => sections.map(({ anchor, heading, text }, i) => ({
    location: i ? `${address}#${anchor}` : address, title: i ? heading : title, text, ...(i ? {} : { tags: names }) })))
  const config = { lang: ["en"], separator: "[\\s\\-]+", pipeline: ["stopWordFilter"], fields: { title: { boost: 1e3 }, text: { boost: 1 }, tags: { boost: 1e6 } } }
  await receive({ data: { type: 0, data: { config, docs, options: { suggest: false } } } })
  return async key => { await receive({ data: { type: 2, data: key } }); return answer.data.items.length }
}

const cpu_ms = since => { const { user, system } = process.cpuUsage(since); return (user + system) / 1000 }

const out = {}
for (const [name, make] of Object.entries({ ours, theme })) {
  const begun = process.cpuUsage()
  const search = await make()
  out[name] = { search, ready: cpu_ms(begun), keys: [], found: 0 }
}
// In turn, so that each key sees the same machine.
for (const key of keys)
  for (const side of Object.values(out)) {
    const begun = process.cpuUsage()
    side.found += Boolean(await side.search(key))
    side.keys.push(cpu_ms(begun))
  }
console.log(JSON.stringify(out))
