"""The log file of an agent: the agent writes it directly, so that it outlives the daemon; we keep it small."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from node_daemon import log

LARGEST = 5 * 2**20


def open_for_agent(path: Path) -> int:
    """A descriptor that always writes at the end, also after the file was cut. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def rotate(path: Path, largest: int = LARGEST) -> None:
    """Move what is in the file to `<name>.1` when it grew too large.

    The agent holds the file open, so it is copied and cut. A line written between the two is lost.
    """
    try:
        if path.stat().st_size <= largest:
            return
        older = path.with_name(path.name + ".1")
        shutil.copyfile(str(path), str(older))
        older.chmod(0o600)
        os.truncate(str(path), 0)
    except FileNotFoundError:
        return
    except OSError as error:
        log.warn("agent log cannot be rotated", file=path.name, reason=error.strerror)
