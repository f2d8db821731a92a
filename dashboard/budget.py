"""Keeps the pages small: fails when a part of build/dashboard passes its limit. `python -m dashboard.budget`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BUILT = Path(__file__).resolve().parents[1] / "build" / "dashboard"
# kB of gzip
ENTRY_LIMIT, CSS_LIMIT, CHUNK_LIMIT = 170, 12, 40


def main() -> int:
    """Measure, print, judge. Returns the exit code."""
    manifest: dict[str, Any] = json.loads((BUILT / ".vite" / "manifest.json").read_text())
    first = first_files(manifest)
    later = {part["file"] for part in manifest.values() if part["file"].endswith(".js")} - first
    measured = [
        ("entry JS", sum(size(name) for name in first if name.endswith(".js")), ENTRY_LIMIT),
        ("entry CSS", sum(size(name) for name in first if name.endswith(".css")), CSS_LIMIT),
        *((name, size(name), CHUNK_LIMIT) for name in sorted(later, key=size, reverse=True)),
    ]
    for what, found, limit in measured[:3]:
        print(f"{what:<40} {found:5.1f} kB of {limit}")
    faults = [f"{what} is {found:.1f} kB, at most {limit}" for what, found, limit in measured if found > limit]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


def first_files(manifest: dict[str, Any]) -> set[str]:
    """What a first visit fetches before anything can be drawn: the entry and what it imports."""
    found: set[str] = set()
    waiting = [name for name, part in manifest.items() if part.get("isEntry")]
    while waiting:
        part = manifest[waiting.pop()]
        if part["file"] not in found:
            found |= {part["file"], *part.get("css", ())}
            waiting += part.get("imports", ())
    return found


def size(name: str) -> float:
    """kB of a file's gzip."""
    return (BUILT / f"{name}.gz").stat().st_size / 1000


if __name__ == "__main__":
    sys.exit(main())
