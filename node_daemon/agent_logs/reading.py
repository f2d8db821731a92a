"""Reads the log file of an agent as it grows, whole lines at a time, and cleans them before they leave the node."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Iterable, List

from node_daemon.agent_logs.redaction import HIDDEN, live_pattern, redact

LONGEST_LINE = 2000  # characters
LARGEST_READ = 2**20  # bytes at a time
TAIL = 256 * 1024
# Before the first line that is shown: a private key that begins there must be known to be one.
BEFORE = 100
COLOURS = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")
KEY_BEGINS, KEY_ENDS = (
    re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----"),
    re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY-----"),
)


class Cleaner:
    """Takes out secrets, also those that one reading begins and a later one ends. `secrets` are known values."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._live = live_pattern(secrets)
        self._is_in_key = False

    def clean(self, lines: List[str]) -> List[str]:
        text = COLOURS.sub("", "\n".join(lines))
        if self._is_in_key:
            ended = KEY_ENDS.search(text)
            text = f"{HIDDEN}{text[ended.start() :]}" if ended else HIDDEN
        begins = [found.start() for found in KEY_BEGINS.finditer(text)]
        goes_on = self._is_in_key and text == HIDDEN
        self._is_in_key = goes_on or bool(begins and not KEY_ENDS.search(text, begins[-1]))
        return [_line(one) for one in redact(text, self._live).split("\n")] if lines else []


class LogReader:
    """Reads on from where it stopped. A file that became shorter was moved away: it is read from its start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""

    def last(self, lines: int) -> List[str]:
        """The last lines that are there now, and some before them."""
        try:
            self._offset = max(0, self._path.stat().st_size - TAIL)
        except OSError:
            return []
        is_cut = self._offset > 0
        return self.new()[1 if is_cut else 0 :][-lines - BEFORE :]

    def new(self) -> List[str]:
        """Whole lines that were written since."""
        try:
            with self._path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size < self._offset:
                    self._offset, self._rest = 0, b""
                file.seek(self._offset)
                data = file.read(LARGEST_READ)
        except OSError:
            return []
        self._offset += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE * 4:
            whole, self._rest = [*whole, self._rest], b""
        return [one.decode("utf-8", "replace").rstrip("\r") for one in whole]

    def rest(self) -> List[str]:
        """What was written of a line that has not ended."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "replace")] if rest else []


def _line(text: str) -> str:
    shown = "".join(letter if letter.isprintable() or letter == "\t" else "?" for letter in text)
    return shown if len(shown) <= LONGEST_LINE else f"{shown[: LONGEST_LINE - 1]}…"
