"""Reads `worker.env`: KEY=value lines that stand in for environment variables."""

from __future__ import annotations

import re
from pathlib import Path

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
    for number, raw in enumerate(text.splitlines(), 1):
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
