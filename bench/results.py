"""bench/RESULTS.md: one chapter per benchmark, each written by its own."""

from __future__ import annotations

import re
from pathlib import Path

FILE = Path(__file__).with_name("RESULTS.md")


def put(chapter: str, file: Path = FILE) -> None:
    """Replace the chapter with the same title (its first line, `# …`), or add it at the end."""
    title = chapter.splitlines()[0]
    known = chapters(file.read_text() if file.exists() else "")
    known[title] = chapter.strip() + "\n"
    file.write_text("\n".join(known.values()))


def chapters(text: str) -> dict[str, str]:
    """The chapters of a page by their titles, in order."""
    parts = re.split(r"^(?=# )", text, flags=re.MULTILINE)
    return {part.splitlines()[0]: part.strip() + "\n" for part in parts if part.startswith("# ")}
