// Loads the two files, one behind the other, and answers one query at a time.
const load = async (name, made) => {
  // Asked for anew each time: a page and an index of two builds do not fit together.
  const answer = await fetch(new URL(name, import.meta.url), { cache: "no-cache" })
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
  const data = await answer.json()
  const { FORMAT } = await import("./engine.js")
  if (data.format !== FORMAT || (made && data.made !== made)) throw new Error(`${name}: of another version`)
  return data
}

let engine, waiting
const answer = question => postMessage({ id: question.id, ...engine.search(question.query) })

onmessage = ({ data }) => engine ? answer(data) : (waiting = data)

try {
  const [{ Engine }, { made, entries }] = await Promise.all([import("./engine.js"), load("titles.json")])
  engine = new Engine({ entries })
  if (waiting) answer(waiting)
  postMessage({ ready: "titles" })
  try {
    await engine.add(await load("texts.json", made))
    postMessage({ ready: "texts" })
  } catch (error) {
    postMessage({ fault: "texts", why: String(error) })
  }
} catch (error) {
  postMessage({ fault: "titles", why: String(error) })
}
