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

PADDED = 128  # bytes of a file that is written in place, so that its length stays
MOST_UNSURE = 8  # starts in a row that registered without an answer


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

    def release(self) -> None:
        """Let another process, or another part of this one, have it."""
        os.close(self._lock_file)
        self._lock_file = -1

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

    def write(self, name: str, data: dict[str, Any], in_place: bool = False) -> bool:
        """Replace the file in one step. A full disk is logged, not raised: running agents matter more.

        With `in_place` the same few bytes are written over, where there is no room for new ones. Answers whether it
        was saved.
        """
        raw = json.dumps(data).encode()
        with self._writing:
            try:
                if in_place:
                    self._replace_or_overwrite(name, raw.ljust(PADDED))
                else:
                    self._replace(name, raw)
            except OSError as error:
                log.error("state cannot be saved", file=name, reason=error.strerror)
                return False
        return True

    def _replace_or_overwrite(self, name: str, raw: bytes) -> None:
        try:
            self._replace(name, raw)
        except OSError:
            descriptor = os.open(str(self.path / name), os.O_WRONLY)
            try:
                os.pwrite(descriptor, raw, 0)  # one call: whoever reads meanwhile gets the old or the new
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

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


class Boot:
    """This start of the daemon, told apart from every other one; its heartbeats are numbered."""

    FILE = "boot.json"

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self.id = secrets.token_hex(16)
        saved = state.read(self.FILE).get("bootIds")
        self.previous = [one for one in saved if isinstance(one, str)] if isinstance(saved, list) else []
        self._kept: list[str] = []
        self._beats = 0

    def next_number(self) -> int:
        """The number of the next heartbeat, from 1."""
        self._beats += 1
        return self._beats

    def registering(self) -> None:
        """The control plane may come to know this start, or it may not."""
        # The first is the last that it surely knew.
        self._keep([*self.previous[:1], *self.previous[1:][-MOST_UNSURE:], self.id])

    def registered(self) -> None:
        """The control plane knows this start: the next one follows it."""
        self._keep([self.id])

    def _keep(self, boot_ids: list[str]) -> None:
        if self._kept not in (boot_ids, [self.id]):
            self._state.write(self.FILE, {"bootIds": boot_ids})
            self._kept = boot_ids
