"""Look up known holes in every pinned package: python -m tools.audit.

pip-audit, pinned and in an environment of its own, asks the database of the package index. Where that
cannot be reached, the next best thing is said of each file: which pins are not the newest that fit.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.lock import FILES, pin
from tools.programs import ROOT
from tools.zensical import install

PINS = ROOT / FILES["audit"]
HOME = ROOT / ".build" / "audit"


def verdict(report: str) -> tuple[list[str], int, int]:
    """What pip-audit found: a line for each hole, how many packages were looked up, how many could not be."""
    packages = json.loads(report)["dependencies"]
    holes = [
        f"{each['name']} {each['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for each in packages
        for hole in each.get("vulns", ())
    ]
    skipped = sum("skip_reason" in each for each in packages)
    return holes, len(packages) - skipped, skipped


def pins(text: str) -> set[tuple[str, str]]:
    """Names and versions in a file of pins; a package may be pinned twice, for different Pythons."""
    return {tuple(line.split()[0].split("==")) for line in text.splitlines() if "==" in line}


def behind(group: str, name: str) -> list[str]:
    """The pins of a file that are not the newest that fit."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, name)
        if pin(group, target):
            return [f"{name}: the package index cannot be reached, so nothing is known of it"]
        newest, pinned = pins(target.read_text("utf-8")), pins((ROOT / name).read_text("utf-8"))

    def there(package):
        return ", ".join(sorted(version for other, version in newest if other == package)) or "nothing"

    return [f"{package} {version}: {there(package)} is there" for package, version in sorted(pinned - newest)]


def main() -> int:
    program = install(PINS, HOME) / "pip-audit"
    bad = 0
    for group, name in FILES.items():
        command = [
            program,
            "--disable-pip",
            "--require-hashes",
            "-r",
            name,
            "-f",
            "json",
            "--progress-spinner",
            "off",
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        holes, known, unknown = verdict(done.stdout) if done.stdout else ([], 0, 0)
        bad += len(holes)
        print("".join(f"{name}: {line}\n" for line in holes), end="")
        if known and not unknown:
            print(f"{name}: {known} packages looked up, {len(holes)} known holes")
            continue
        late = behind(group, name)
        bad += len(late)
        print("".join(f"{name}: {line}\n" for line in late), end="")
        said = (
            f"{len(late)} pins are not the newest that fit"
            if late
            else "every pin is the newest that fits"
        )
        print(
            f"{name}: {known} packages looked up, {unknown or 'all others'} not in reach of the database; {said}"
        )
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
