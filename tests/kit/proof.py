"""What proofs saw, and the tables of it in docs/proof that full runs write."""

import os
import platform
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

SEED = int(os.environ.get("PROOF_SEED", "20261124"))
FULL = os.environ.get("PROOF") == "full"
ROOM = 1 if FULL else 3  # times a promised time: a machine that runs other tests too is late itself
FOLDER = Path(__file__).parents[2] / "docs/proof"
HEAD = """# {title}

Written by `{command}`, last on {machine}. {note}
A row says when it was seen and with which seed (`PROOF_SEED`).

| what | expected | seen | when, seed |
|---|---|---|---|
"""
ROW = re.compile(r"^\| (?P<what>.+?) \| .+ \|$")


@dataclass
class Proof:
    """The rows of one table: those of this run, and of earlier ones what this run did not look at."""

    name: str
    title: str
    command: str
    note: str = "Every row is a test that also runs, with smaller counts, in `make test`."
    folder: Path = FOLDER
    rows: dict[str, str] = field(default_factory=dict)

    def count(self, *, full: int, small: int) -> int:
        """How often something is tried: in the full run, or as part of the usual tests."""
        return full if FULL else small

    def row(self, what: str, expected: str, seen: str) -> None:
        """Note what was seen. Called after the assertions, so only what held is in the table."""
        date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        self.rows[what] = f"| {what} | {expected} | {seen} | {date}, {SEED} |"

    def write(self, *, full: bool = FULL) -> None:
        """Write the table, of a full run only."""
        if not full or not self.rows:
            return
        rows = self._earlier() | self.rows
        machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        text = HEAD.format(title=self.title, command=self.command, note=self.note, machine=machine)
        self.folder.mkdir(exist_ok=True)
        self._table.write_text(text + "".join(f"{rows[what]}\n" for what in sorted(rows, key=_order)))

    @property
    def _table(self) -> Path:
        return self.folder / f"{self.name}.md"

    def _earlier(self) -> dict[str, str]:
        if not self._table.exists():
            return {}
        found = (ROW.match(line) for line in self._table.read_text().splitlines())
        return {row["what"]: row[0] for row in found if row and row["what"] != "what"}


def _order(what: str) -> list[tuple[int, str]]:
    """F2 stands before F10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", what) if part]
