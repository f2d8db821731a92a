"""The state folder: one user at a time, generated passwords, remembered ports and the remembered root mode."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from standalone import ports
from standalone.errors import StandaloneError
from standalone.rootless import RootMode, choose_root_mode

HANDOVER_SECONDS = 20.0  # how long the guardian of a killed Muster may take to clear up


class StateFolder:
    """Everything that this Muster keeps on disk. Hold the lock (`lock`, `unlock`) before using any of it."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock: IO[str] | None = None

    def lock(self, say: Callable[[str], None] = lambda _line: None) -> None:
        """Make the folder ours, or raise. Waits only for a predecessor that was killed and is being cleared up."""
        self._make()
        file = (self.path / "lock").open("a+")
        deadline = time.monotonic() + HANDOVER_SECONDS
        waiting = False
        while not _try_lock(file):
            owner = _read_pid(file)
            if owner is None or _is_alive(owner) or time.monotonic() > deadline:
                file.close()
                raise StandaloneError(
                    f"{self.path} is in use by another Muster (process {owner or 'unknown'}): "
                    "stop that one or set MUSTER_HOME to another folder."
                )
            if not waiting:
                say("the Muster before this one was killed; waiting until its processes have ended")
                waiting = True
            time.sleep(0.1)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._lock = file

    def unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    @property
    def lock_file(self) -> IO[str]:
        """The open lock, for the guardian to hold as long as it has work to do."""
        if self._lock is None:
            raise StandaloneError(f"{self.path} is not locked.")
        return self._lock

    def folder(self, name: str) -> Path:
        """A folder of ours inside the state folder, made if it is missing."""
        folder = self.path / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def secret_file(self, name: str) -> Path:
        """The file that keeps a password, generated at its first use and readable only by us."""
        file = self.folder("secrets") / name
        if not file.exists():
            write_private(file, secrets.token_urlsafe(24))
        return file

    def secret(self, name: str) -> str:
        return self.secret_file(name).read_text().strip()

    def port(self, name: str, preferred: int = 0) -> int:
        """A free port on 127.0.0.1: the one used last time, else the preferred one, else any."""
        remembered = self._ports()
        for candidate in (remembered.get(name, 0), preferred):
            if candidate and ports.is_free(candidate):
                break
        else:
            candidate = ports.any_free()
        remembered[name] = candidate
        write_private(self.path / "ports.json", json.dumps(remembered))
        return candidate

    def root_mode(self) -> RootMode:
        """How Postgres is run for root; chosen once, because the data folder's owner depends on it."""
        file = self.path / "root-mode"
        if os.geteuid() != 0:
            return RootMode.NONE
        if not file.exists():
            file.write_text(choose_root_mode())
        return RootMode(file.read_text().strip())

    def _ports(self) -> dict[str, int]:
        file = self.path / "ports.json"
        return {str(name): int(port) for name, port in json.loads(file.read_text()).items()} if file.exists() else {}

    def _make(self) -> None:
        try:
            # Others may pass through (not look): in setuid mode Postgres is another user than root.
            self.path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StandaloneError(
                f"The state folder {self.path} cannot be made ({error.strerror}): set MUSTER_HOME to another folder."
            ) from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise StandaloneError(
                f"The state folder {self.path} belongs to somebody else: set MUSTER_HOME to another folder."
            )


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_pid(file: IO[str]) -> int | None:
    file.seek(0)
    text = file.read().strip()
    return int(text) if text.isdigit() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def write_private(file: Path, text: str) -> None:
    """Replace the file in one step; nobody else may read it at any moment."""
    fresh = file.with_name(f".{file.name}.new")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as handle:
        handle.write(text)
    fresh.replace(file)
