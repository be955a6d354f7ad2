// Rewrites python_stdlib.zip: bytecode for the modules that starting and the programs import,
// sources for all others. The same input gives the same bytes. Argument: the runtime's folder.
import fs from "node:fs"
import { pathToFileURL } from "node:url"

const HOT = `abc ast asyncio base64 bisect collections collections.abc contextlib copy dataclasses
  datetime decimal enum fractions functools graphlib hashlib heapq hmac html inspect io itertools
  json linecache logging math operator pathlib pprint queue random re sqlite3 statistics string
  struct tempfile textwrap time traceback types typing uuid zipfile zlib`

const folder = process.argv[2]
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href)
const python = await loadPyodide({ indexURL: `${folder}/` })
python.FS.writeFile("/in.zip", fs.readFileSync(`${folder}/python_stdlib.zip`))
python.globals.set("HOT", HOT)
python.runPython(`
import importlib.util, sys, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

for name in HOT.split():
    __import__(name)
inside = next(path for path in sys.path if path.endswith(".zip")) + "/"
origins = [getattr(getattr(m, "__spec__", None), "origin", None) for m in list(sys.modules.values())]
hot = {origin.removeprefix(inside) for origin in origins if origin}
source = zipfile.ZipFile("/in.zip")
with zipfile.ZipFile("/out.zip", "w") as out:
    for name in sorted(each.filename for each in source.infolist() if not each.is_dir()):
        data = source.read(name)
        if name in hot:
            code = compile(data, inside + name, "exec", dont_inherit=True)
            data = bytes(_code_to_hash_pyc(code, importlib.util.source_hash(data), False))
            name += "c"
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        out.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
`)
fs.writeFileSync(`${folder}/python_stdlib.zip`, python.FS.readFile("/out.zip"))
