"""The table of all figures that Muster promises, put together from what proofs and benchmarks wrote.

`python -m tests.kit.figures` writes docs/proof/figures.md. It measures nothing: what no proof has shown is said to be
missing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/proof"
BENCH = "bench/RESULTS.md"
MISSING = "**not shown**"
HEAD = """# What Muster promises, and what was seen

Written by `make figures` from the tables beside it and from `bench/RESULTS.md`; each says when, where, with which seed
and by which command. Tests stand for figures that hold or fail whenever they run: `make test`, the slow ones
`make long`.

| figure | target | seen | by |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Figure:
    """A promise; `rows` are how the rows that show it begin, `tests` hold it in every run."""

    number: str
    what: str
    target: str
    rows: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


FIGURES = (
    Figure("T1", "Generated requests", "50,000, 0 failures, 0 bypasses, 0 breaks", ("Generated requests",)),
    Figure("T2", "Generated values in scripts and files", "20,000 x each field, 0 executions", ("Generated values",)),
    Figure("T3", "Secrets left anywhere", "0 in >= 14 places x 5 outcomes", ("Secrets left", "Login of a deploy")),
    Figure("T4", "Calls to closed addresses", "0 of >= 60 spellings", ("Spellings of a closed address",)),
    Figure(
        "T5", "Who may do what", "each route, verb and role as declared", tests=("tests/identity/test_policies.py",)
    ),
    Figure(
        "T6",
        "Spoofing",
        "380/380 refused; of 50 joins 1 wins; revoked <= 1 s",
        ("Heartbeats with the credential", "Parallel uses of one join token", "From asking to revoke"),
    ),
    Figure("T7", "Rogue host keys", "0 logins sent", tests=("tests/deploying/test_host_keys.py",)),
    Figure("T8", "Text of nodes in the page", "0 executions", tests=("tests/browser/test_content_security_policy.py",)),
    Figure("T9", "Registrations while web processes are killed", "0 lost, 0 doubled", ("F1 ",)),
    Figure("T10", "Acknowledged heartbeats lost", "0", ("F2 ", "F7 ", "F11 ")),
    Figure(
        "T11", "Offline", "90-105 s after the last heartbeat", ("F16 ",), ("tests/journeys/test_promised_times.py",)
    ),
    Figure(
        "T12", "False offline", "0 in outages and restarts", ("F2 ", "F17 ", "F18 ", "F24 ", "F32 ", "F33 ", "Rolling")
    ),
    Figure("T13", "Back online", "<= 35 s", ("F16 ",)),
    Figure("T14", "Deploys end", "all, within their limit", ("F3 ", "F4 ", "F28 ")),
    Figure("T15", "Scripts started", "once per attempt", ("F3 ", "F4 ")),
    Figure("T16", "Faults of SSH", "19/19 told apart", ("F21 ",), ("tests/gateways/ssh/test_ssh_connection.py",)),
    Figure("T17", "Cancel", "<= 5 s, gone <= 10 s, at each step", ("F27 ",), ("tests/deploying/test_each_step.py",)),
    Figure("T18", "Lost messages of jobs", "0 stuck, again <= 30 s", ("F8 ",)),
    Figure("T19", "Recovery", "web 10, Redis 15, Postgres 5, Celery 60, beat 30 s", ("F2 ", "F5 ", "F7 ", "F11 ")),
    Figure("T20", "Streams resumed", "0 missing, 0 doubled of 100", ("F23 ",), ("tests/api/test_stream_resume.py",)),
    Figure("T21", "Viewers that do not read", "others p95 <= 1 s, cut <= 60 s", ("F23 ",)),
    Figure("T22", "10,000 nodes after an outage", "heard <= 90 s, p99 <= 2 s, 0 false", ("10,000 nodes after",)),
    Figure("T23", "10,000 nodes steadily", "p99 <= 250 ms", ("10,000 nodes: ",)),
    Figure("T24", "Slow requests", "400 + 400, probe <= 2.5 s, closed <= 15 s", ("F26 ",)),
    Figure("T25", "A hung database", "answered <= 3.5 s, back to base <= 10 s", ("F12 ",)),
    Figure("T26", "Forged changes", "all refused", ("Changes that a page of another site",)),
    Figure("T27", "Guesses", "<= 5 evaluated a minute", ("Guesses of one account",)),
    Figure(
        "T28",
        "Audit",
        "every change and refusal; tampering found",
        tests=("tests/identity/test_audit_coverage.py", "tests/unit/test_audit_chain.py"),
    ),
    Figure("T30", "Soak", "invariants hold, memory +5 % at most", ("F34 ",)),
)
FAULTS = 34


@dataclass(frozen=True)
class Seen:
    """A row that some proof or benchmark wrote, and where."""

    what: str
    seen: str
    file: str


def page(rows: Sequence[Seen]) -> str:
    """The whole table."""
    lines = [_line(figure, rows) for figure in FIGURES]
    known = {found[0] for row in rows if (found := re.match(r"F\d+(?= )", row.what))}
    lines.insert(
        -1, f"| T29 Faults survived | {FAULTS}/{FAULTS} | {len(known)}/{FAULTS} with a row | docs/proof/faults.md |\n"
    )
    return HEAD + "".join(lines)


def _line(figure: Figure, rows: Sequence[Seen]) -> str:
    found = [row for start in figure.rows for row in rows if row.what.startswith(start)]
    seen = [f"{row.what}: {row.seen}" if len(found) > 1 else row.seen for row in found]
    if figure.tests:
        seen.append("held by tests")
    by = sorted({row.file for row in found}) + list(figure.tests)
    target, shown = figure.target, "<br>".join(seen) or MISSING
    return f"| {figure.number} {figure.what} | {target} | {shown} | {'<br>'.join(by)} |\n"


def written(files: Mapping[str, str]) -> list[Seen]:
    """The rows of all tables with three columns or more: what, target, seen."""
    found: dict[tuple[str, str], Seen] = {}
    for file, text in files.items():
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.startswith("| ") and len(cells) >= 4 and not set(cells[1]) <= {"-", " "}:
                found.setdefault((file, cells[0]), Seen(cells[0], cells[2], file))
    return list(found.values())


def _files(names: Iterable[Path]) -> dict[str, str]:
    return {str(name.relative_to(ROOT)): name.read_text() for name in names}


if __name__ == "__main__":
    tables = [one for one in sorted(FOLDER.glob("*.md")) if one.name != "figures.md"]
    (FOLDER / "figures.md").write_text(page(written(_files([*tables, ROOT / BENCH]))))
