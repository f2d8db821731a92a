"""A folder as an archive: the same content makes the same bytes, whenever and by whomever it is packed."""

import gzip
import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.gateways.runtime.programs import Heed

LEVEL = 6
PIECE = 2**20


def pack(members: dict[str, Path], target: Path, heed: Heed) -> None:
    """Pack files and whole folders under the given names into a tar.gz."""
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name, path in _entries(members):
            entry = _plain(archive.gettarinfo(str(path), name))
            if entry.isreg():
                with path.open("rb") as content:
                    archive.addfile(entry, _Heeded(content, heed))
            else:
                archive.addfile(entry)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(members: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    for name, path in sorted(members.items()):
        yield name, path
        if path.is_dir():
            for inner in sorted(path.rglob("*")):
                yield f"{name}/{inner.relative_to(path).as_posix()}", inner


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    if entry.islnk():  # a second name of a file: packed as a file of its own
        entry.type, entry.linkname = tarfile.REGTYPE, ""
    if not entry.issym():
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


class _Heeded:
    """A file whose reading can be ended from outside."""

    def __init__(self, file: BinaryIO, heed: Heed) -> None:
        self._file, self._heed = file, heed

    def read(self, size: int = -1) -> bytes:
        self._heed()
        return self._file.read(size)
