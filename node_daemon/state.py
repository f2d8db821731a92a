"""The state folder: what the daemon must still know after its own restart."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from pathlib import Path
from typing import Any

from node_daemon import log
from node_daemon.errors import SettingsError, StartError


class StateFolder:
    """Small JSON files, written atomically and readable by the owner only.

    Nothing is made before `make()`, so that a dry run leaves no trace.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / "daemon"
        self._writing = threading.Lock()
        self._lock_file = -1

    def make(self) -> None:
        """Make the folder where there is none. Raises SettingsError."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(self._open_lock())
        except OSError as error:
            raise SettingsError(f"WORKER_STATE_DIR cannot be written to ({self.path}): {error.strerror}") from None

    def take(self) -> None:
        """Make it, and keep it for this process as long as it lives. Raises StartError when another one has it."""
        self.make()
        self._lock_file = self._open_lock()
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StartError(
                f"WORKER_STATE_DIR is in use by another daemon ({self.path}): stop that one or name another folder"
            ) from None

    def _open_lock(self) -> int:
        return os.open(str(self.path / "daemon.lock"), os.O_RDWR | os.O_CREAT, 0o600)

    def read(self, name: str) -> dict[str, Any]:
        """What was written under this name; {} when there is nothing, or nothing that can be read."""
        try:
            found = json.loads((self.path / name).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            log.warn("state file cannot be read and is ignored", file=name)
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, name: str, data: dict[str, Any]) -> None:
        """Replace the file in one step. A full disk is logged, not raised: running agents matter more."""
        with self._writing:
            try:
                self._replace(name, json.dumps(data).encode())
            except OSError as error:
                log.error("state cannot be saved", file=name, reason=error.strerror)

    def _replace(self, name: str, data: bytes) -> None:
        temporary = self.path / (name + ".new")
        descriptor = os.open(str(temporary), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path / name)


def machine_id(state: StateFolder, keep: bool = True) -> str:
    """This machine's random id (32 hex digits): made once, then kept. `keep=False` saves nothing."""
    known = state.read("machine.json").get("machineId")
    if isinstance(known, str) and len(known) == 32:
        return known
    made = secrets.token_hex(16)
    if keep:
        state.write("machine.json", {"machineId": made})
    return made
