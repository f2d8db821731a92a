"""The daemon's program, as this control plane hands it out."""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.domain.errors import ProgramNotBuilt
from app.extensions import settings

VERSION = re.compile(r'__version__ = "([0-9A-Za-z.+-]{1,64})"')


@dataclass(frozen=True)
class Program:
    """One build of the program; the same source makes the same bytes."""

    content: bytes
    sha256: str
    version: str = ""


def read(sha256: str | None = None) -> Program:
    """The program as it is on the disk now, if it has that checksum. Raises ProgramNotBuilt."""
    path = settings().worker_program
    try:
        stat = path.stat()
        program = _read(path, stat.st_mtime_ns, stat.st_size)
    except OSError as failure:
        raise ProgramNotBuilt(
            "The daemon's program is not there: build it with `python -m node_daemon.build`, or set WORKER_PROGRAM"
        ) from failure
    if sha256 not in (None, program.sha256):
        raise ProgramNotBuilt("This control plane has another build of the daemon's program: leave `v` out to get it")
    return program


@lru_cache(maxsize=1)
def _read(path: Path, _changed_at: int, _size: int) -> Program:
    content = path.read_bytes()
    return Program(content, hashlib.sha256(content).hexdigest(), _version(content))


def _version(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = VERSION.search(archive.read("node_daemon/__init__.py").decode())
    except (zipfile.BadZipFile, KeyError):  # a program of somebody else, set on purpose
        return ""
    return found[1] if found else ""
