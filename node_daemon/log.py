"""Log lines on stderr: constant text plus key=value fields, one line each."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time

LEVELS = {"debug": 10, "info": 20, "warn": 30, "error": 40}

_threshold = {"level": LEVELS["info"]}
_held: list[bytes] = []
_is_holding = threading.Event()


def set_level(name: str) -> None:
    """Show only lines of this level and above. `name` is a key of LEVELS."""
    _threshold["level"] = LEVELS[name]


def hold() -> None:
    """Keep lines back until `release()`: a start that fails says one line, the reason, and nothing else."""
    _is_holding.set()


def release() -> None:
    """Show what was held back, and every line from now on."""
    _is_holding.clear()
    while _held:
        _show(_held.pop(0))


def debug(text: str, **fields: object) -> None:
    _write("debug", text, fields)


def info(text: str, **fields: object) -> None:
    _write("info", text, fields)


def warn(text: str, **fields: object) -> None:
    _write("warn", text, fields)


def error(text: str, **fields: object) -> None:
    _write("error", text, fields)


def line(level: str, text: str, fields: dict[str, object], now: float) -> str:
    """One log line without its newline. `now` is in seconds since 1970."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
    parts = [stamp, f"{level:5}", text]
    parts += [f"{key}={_shown(value)}" for key, value in fields.items()]
    return " ".join(parts)


def _shown(value: object) -> str:
    text = str(value)
    plain = text and text.isprintable() and not any(mark in text for mark in ' "=')
    return text if plain else json.dumps(text, ensure_ascii=False)


def _write(level: str, text: str, fields: dict[str, object]) -> None:
    if LEVELS[level] < _threshold["level"]:
        return
    data = (line(level, text, fields, time.time()) + "\n").encode("utf-8", "replace")
    if _is_holding.is_set():
        _held.append(data)
    else:
        _show(data)


def _show(data: bytes) -> None:
    # Straight to the descriptor: one write per line, and no lock that a thread could hold at exit.
    with contextlib.suppress(OSError):  # nobody reads our stderr any more; the daemon must not die of that
        os.write(2, data)
