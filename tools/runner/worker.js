// Runs Python, and can do nothing else: no network, no storage, no page. One a visit.
const MEMORY = 512 * 2 ** 20 // bytes; a phone ends a tab that takes more
const grow = WebAssembly.Memory.prototype.grow
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * 65536 > MEMORY) throw new RangeError("memory limit")
  return grow.call(this, pages) // when it throws, Python raises MemoryError
}

const post = self.postMessage.bind(self)
let python, host, kind = "out", pending = "", sent = 0

function flush() {
  if (pending) post({ t: kind, s: pending })
  pending = ""
  sent = performance.now()
}

function sink(which) {
  const decoder = new TextDecoder()
  return {
    write(bytes) {
      if (kind !== which) { flush(); kind = which }
      pending += decoder.decode(bytes, { stream: true })
      if (pending.length > 4096 || performance.now() - sent > 50) flush()
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
    jsglobals: { Object, Array, Promise, Uint8Array, setTimeout, clearTimeout, setInterval, clearInterval, AbortController, AbortSignal },
    env: { HOME: "/home/reader", PYTHONHASHSEED: "0" },
  })
  python.setStdout(sink("out"))
  python.setStderr(sink("err"))
  python.setStdin({ error: true })
  python.FS.mkdirTree("/home/reader/lib")
  python.unpackArchive(await archive, "zip", { extractDir: "/home/reader/lib" })
  python.runPython("import sys; sys.path.insert(0, '/home/reader/lib')")
  host = python.pyimport("host")
  for (const name of ["fetch", "XMLHttpRequest", "WebSocket", "WebTransport", "EventSource", "BroadcastChannel",
    "indexedDB", "caches", "importScripts", "Worker", "SharedWorker", "RTCPeerConnection", "navigator"])
    if (name in self) Object.defineProperty(self, name, { value: undefined, configurable: false, writable: false })
}

const start = async data => {
  try {
    const call = data.t === "check" ? host.check(data.text, data.tests) : host.run(data.text, data.file, data.program, data.page)
    const answer = await call
    const result = answer.toJs({ dict_converter: Object.fromEntries })
    answer.destroy()
    flush()
    post({ t: "done", ...result })
  } catch (error) {
    flush()
    post({ t: "dead", s: `the interpreter ended: ${String(error.message || error).trim().split("\n").at(-1)}` })
  }
}

self.onmessage = ({ data }) => {
  if (data.t !== "boot") return start(data)
  boot(data).then(() => post({ t: "ready" }), error => post({ t: "dead", s: String(error.message || error) }))
}
