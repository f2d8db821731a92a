"""What the proofs of security saw, and the table of it that the full run writes."""

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

SEED = int(os.environ.get("PROOF_SEED", "20261124"))
FULL = os.environ.get("PROOF") == "full"
TABLE = Path(__file__).parents[2] / "docs/proof/security.md"
COMMAND = "make proof-security"
HEAD = """# What was proven about security

Written by `{command}` on {date}, with seed {seed}, on {machine}.
Every row is a test that also runs, with smaller counts, in `make test`.

| what | target | seen |
|---|---|---|
"""


@dataclass
class Proof:
    """The rows of one run."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def count(self, *, full: int, small: int) -> int:
        """How often something is tried: in the full run, or as part of the usual tests."""
        return full if FULL else small

    def row(self, what: str, target: str, seen: str) -> None:
        """Note what was seen. Called after the assertions, so only what held is in the table."""
        self.rows.append((what, target, seen))

    def write(self) -> None:
        """Write the table, of a full run only."""
        if FULL and self.rows:
            machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
            date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
            text = HEAD.format(command=COMMAND, date=date, seed=SEED, machine=machine)
            text += "".join(f"| {what} | {target} | {seen} |\n" for what, target, seen in sorted(self.rows))
            TABLE.parent.mkdir(exist_ok=True)
            TABLE.write_text(text)


PROOF = Proof()
