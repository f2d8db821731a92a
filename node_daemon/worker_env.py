"""Reads `worker.env`: KEY=value lines that stand in for environment variables."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Mapping

from node_daemon.errors import SettingsError

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def default_path(home: str) -> Path:
    return Path(home) / ".agenticmail" / "worker.env"


def read(path: Path) -> dict[str, str]:
    """The variables of the file; none when there is no such file.

    Raises SettingsError when it cannot be read or a line is not `KEY=value`. Values never enter the message.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from None
    return parse(text, str(path))


def parse(text: str, name: str) -> dict[str, str]:
    """Lines `KEY=value`, `export KEY=value`, comments and blank lines; a pair of quotes around a value is dropped."""
    found: dict[str, str] = {}
    # Only line feeds end a line, as for every other reader: a value may hold what Unicode calls the end of one.
    for number, raw in enumerate(text.split("\n"), 1):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("export "):
            stripped = stripped[7:].lstrip()
        key, equals, value = stripped.partition("=")
        if not equals or not KEY.fullmatch(key.strip()):
            raise SettingsError(f"{name} line {number} is not KEY=value")
        found[key.strip()] = _unquoted(value.strip())
    return found


def put(path: Path, values: Mapping[str, str]) -> None:
    """Set these variables in the file and leave its other lines as they are. Raises OSError.

    The values hold no line feed and no quote: they have been checked as settings.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = path.read_text("utf-8").rstrip("\n").split("\n") if path.exists() else []
    kept = [one for one in lines if one.strip().partition("=")[0].replace("export ", "").strip() not in values]
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(str(fresh), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join([*kept, *(f"{key}={value}" for key, value in values.items())]) + "\n")
    fresh.replace(path)


def readable_by_others(path: Path) -> bool:
    """Whether somebody else on this machine may read the file (it can hold a credential)."""
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
