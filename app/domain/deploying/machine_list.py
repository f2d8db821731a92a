"""A list of machines as people paste it: CSV with or without a heading, commas, semicolons or tabs."""

import csv
import re
from collections.abc import Iterator

from app.domain.errors import InvalidInput

COLUMNS = ("host", "port", "user", "name", "agents")  # without a heading
KNOWN = (
    *COLUMNS,
    "nodeId",
    "capabilities",
    "fingerprint",
    "workerHost",
    "nodePort",
    "runtime",
    "privateKey",
    "passphrase",
    "password",
)
LISTS = ("agents", "capabilities")
_SPELLED = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in KNOWN}


def read_machines(text: str) -> list[dict[str, object]]:
    """The rows as objects of the API's own keys; an empty cell is left out. Raises InvalidInput about `csv`.

    >>> read_machines("host;agents\\nweb-1;a-1 a-2")
    [{'host': 'web-1', 'agents': ['a-1', 'a-2']}]
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    lines = [line for line in lines if not line.lstrip().startswith("#")]
    try:
        rows = list(csv.reader(lines, delimiter=_delimiter(lines), skipinitialspace=True, strict=True))
    except csv.Error as fault:
        raise _wrong(f"this is not CSV: {fault}") from fault
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise _wrong("names no machine")
    columns = list(COLUMNS)
    if "host" in map(str.lower, rows[0]):
        columns = _heading(rows.pop(0))
    return [dict(_cells(number, columns, row)) for number, row in enumerate(rows, 1)]


def _delimiter(lines: list[str]) -> str:
    first = next((line for line in lines if line.strip()), "")
    return max(",;\t", key=first.count)


def _heading(cells: list[str]) -> list[str]:
    columns = [_SPELLED.get(re.sub(r"[^a-z0-9]", "", cell.lower()), "") for cell in cells]
    for cell, column in zip(cells, columns, strict=True):
        if not column:
            raise _wrong(f"has a column {cell!r}; there are {', '.join(KNOWN)}")
    if len(set(columns)) < len(columns):
        raise _wrong("names a column twice")
    return columns


def _cells(number: int, columns: list[str], row: list[str]) -> Iterator[tuple[str, object]]:
    if len(row) > len(columns):
        raise _wrong(f"has {len(row)} cells in row {number}, for {len(columns)} columns; put several agents in quotes")
    for column, cell in zip(columns, row, strict=False):
        if cell:
            yield column, [word for word in re.split(r"[\s,;|]+", cell) if word] if column in LISTS else cell


def _wrong(said: str) -> InvalidInput:
    return InvalidInput(f"The list {said}", {"csv": said})
