"""Reads the Procfile: the one list of what runs, shared with Heroku-style hosts."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from standalone.errors import StandaloneError

LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
SHELL_ONLY = re.compile(r"[$`|&;<>*?(){}~]")


def read(path: Path) -> dict[str, list[str]]:
    """The commands by process name, in the file's order; raises StandaloneError."""
    if not path.exists():
        raise StandaloneError(f"{path} is missing: start Muster in its checkout.")
    return parse(path.read_text())


def parse(text: str) -> dict[str, list[str]]:
    """The commands by process name. They are argument lists, run without a shell, so that signals reach the program."""
    commands: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line.strip())
        if not found:
            raise StandaloneError(f'Procfile line {number} must read "name: command".')
        name, command = found.groups()
        if name in commands:
            raise StandaloneError(f"Procfile line {number} names {name} a second time.")
        if SHELL_ONLY.search(command):
            raise StandaloneError(f"Procfile line {number} needs a shell: {name} must be a plain argument list.")
        commands[name] = _split(command, number)
    return commands


def _split(command: str, number: int) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise StandaloneError(f"Procfile line {number} cannot be read: {str(error).lower()}.") from error
