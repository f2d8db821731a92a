"""The one file that this daemon runs from: which build it is, and how another one takes its place."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from node_daemon.command_kinds import CommandFailed

TRY_LIMIT = 20.0  # seconds for a program to say its version


@dataclass(frozen=True)
class Program:
    """A worker.pyz on the disk, and beside it the one before it."""

    path: Path
    sha256: str  # of what runs; the file may be another one by now

    @classmethod
    def running(cls) -> Program | None:
        """The one that runs; None when the daemon does not run from a worker.pyz."""
        path = Path(sys.argv[0] or ".").absolute()
        if not path.is_file() or not zipfile.is_zipfile(str(path)):
            return None
        return cls(path, digest(path.read_bytes()))

    @property
    def previous(self) -> Path:
        return self.path.with_name(self.path.name + ".previous")

    @property
    def command(self) -> list[str]:
        """How it is started again."""
        return [sys.executable, str(self.path)]

    def keep(self) -> None:
        """Keep what runs as the previous one. Raises CommandFailed."""
        content = self.path.read_bytes()
        if digest(content) != self.sha256:
            raise CommandFailed("the program was replaced meanwhile, by a deploy perhaps: restart the daemon first")
        _put(self.previous, content)

    def replace(self, content: bytes) -> None:
        """Put another program in its place, in one step. Raises CommandFailed."""
        _put(self.path, content)
        _put(self.path.with_name(self.path.name + ".sha256"), digest(content).encode())

    def check(self, content: bytes) -> None:
        """Whether this Python starts that program at all. Raises CommandFailed."""
        trial = self.path.with_name(self.path.name + ".trial")
        _put(trial, content)
        try:
            ran = subprocess.run(
                [sys.executable, str(trial), "--version"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=TRY_LIMIT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CommandFailed(f"the new program does not start here ({type(error).__name__})") from None
        finally:
            trial.unlink()
        if ran.returncode:
            raise CommandFailed(f"the new program does not start here (exit code {ran.returncode})")


def digest(content: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(content).hexdigest()


def _put(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(str(fresh), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise CommandFailed(f"{path.name} cannot be written: {error.strerror}") from None
