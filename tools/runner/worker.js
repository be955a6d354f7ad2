// Runs Python, and can do nothing else: no network, no storage, no page. One a visit.
const MEMORY = 512 * 2 ** 20 // bytes; a phone ends a tab that takes more
const FILES = 64 * 2 ** 20 // bytes written, until the worker is replaced
const grow = WebAssembly.Memory.prototype.grow
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65536 > MEMORY) throw new RangeError("memory limit")
  return grow.call(this, pages) // when it throws, Python raises MemoryError
}

const post = self.postMessage.bind(self)
const PRINTED = 200_000 // characters of one run; the page ends it at half of them
const AT_ONCE = 2000 // messages of a run that do not wait: what comes before an endless loop is shown
let python, run, check, kind = "out", pending = "", sent = 0, printed = 0, messages = 0

function flush() {
  if (pending) post({ t: kind, s: pending })
  messages += 1
  pending = ""
  sent = performance.now()
}

function sink(which) {
  const decoder = new TextDecoder()
  return {
    write(bytes) {
      if (printed > PRINTED) return bytes.length
      printed += bytes.length
      if (kind !== which) { flush(); kind = which }
      pending += decoder.decode(bytes.subarray(0, PRINTED), { stream: true })
      if (messages < AT_ONCE || pending.length > 4096 || performance.now() - sent > 50) flush()
      return bytes.length
    },
  }
}

// Counts what is fetched while Python starts, so that a reader sees how far it is.
const load = self.fetch.bind(self)
let came = 0, told = 0
function counted(answer, total) {
  const counter = new TransformStream({
    transform(chunk, controller) {
      came += chunk.byteLength
      if (came - told > total / 25) post({ t: "load", share: Math.min(1, (told = came) / total) })
      controller.enqueue(chunk)
    },
  })
  return new Response(answer.body.pipeThrough(counter), { status: answer.status, headers: answer.headers })
}

// Files live in JavaScript's memory, beside that of Python: they get a share too.
function ration({ FS }) {
  const { MEMFS } = FS.filesystems
  let left = FILES
  for (const name of ["expandFileStorage", "resizeFileStorage"]) {
    const grow = MEMFS[name]
    MEMFS[name] = (file, size) => {
      const more = size - (file.contents?.length ?? 0)
      if (more > left) throw new FS.ErrnoError(51) // no space left on device
      grow.call(MEMFS, file, size)
      left -= Math.max(0, more)
    }
  }
}

// A timer that a program leaves behind ends with it.
const timers = new Set()
const clocks = {
  setTimeout: (...what) => { const id = setTimeout(...what); timers.add(id); return id },
  setInterval: (...what) => { const id = setInterval(...what); timers.add(id); return id },
  clearTimeout, clearInterval,
}

async function boot({ runtime, lib, bytes }) {
  self.fetch = async (...what) => counted(await load(...what), bytes)
  const archive = fetch(lib).then(answer => {
    if (!answer.ok) throw new Error(`${lib}: ${answer.status}`)
    return answer.arrayBuffer()
  })
  const { loadPyodide } = await import(runtime + "pyodide.mjs")
  python = await loadPyodide({
    indexURL: runtime,
    // What "import js" sees: enough for Pyodide's own event loop, nothing that reaches out.
    jsglobals: { Object, Array, Promise, Uint8Array, AbortController, AbortSignal, ...clocks },
    env: { HOME: "/reader", PYTHONHASHSEED: "0" },
  })
  python.setStdout(sink("out"))
  python.setStderr(sink("err"))
  python.setStdin({ error: true })
  python.FS.mkdirTree("/reader/lib")
  python.unpackArchive(await archive, "zip", { extractDir: "/reader/lib" })
  python.runPython("import sys; sys.path.insert(0, '/reader/lib')")
  ration(python)
  const host = python.pyimport("host")
  run = host.run
  check = host.check
  for (const name of ["fetch", "XMLHttpRequest", "WebSocket", "WebTransport", "EventSource", "BroadcastChannel",
    "indexedDB", "caches", "importScripts", "Worker", "SharedWorker", "RTCPeerConnection", "navigator"])
    if (name in self) Object.defineProperty(self, name, { value: undefined, configurable: false, writable: false })
}

const start = async data => {
  try {
    printed = messages = 0
    const answer = await (data.t === "check" ? check(data.text, data.tests) : run(data.text, data.file, data.program, data.page))
    for (const id of timers) clearTimeout(id)
    timers.clear()
    const result = answer.toJs({ dict_converter: Object.fromEntries })
    answer.destroy()
    flush()
    post({ t: "done", ...result })
  } catch (error) {
    flush()
    post({ t: "dead", s: `the interpreter ended: ${String(error.message || error).trim().split("\n").at(-1)}` })
  }
}

// When the interpreter dies, the promise of its run never settles.
for (const kind of ["error", "unhandledrejection"])
  self.addEventListener(kind, event => {
    const words = String((event.reason ?? event.error)?.message ?? "").trim().split("\n").at(-1)
    post({ t: "dead", s: `the interpreter ended: ${words.slice(0, 200)}` })
  })

self.onmessage = ({ data }) => {
  if (data.t !== "boot") return start(data)
  boot(data).then(() => post({ t: "ready" }), error => post({ t: "dead", s: String(error.message || error) }))
}
