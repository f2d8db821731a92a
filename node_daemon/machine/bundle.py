"""Finds psutil: installed on the machine, or inside worker.pyz and unpacked once."""

from __future__ import annotations

import hashlib
import importlib
import io
import pkgutil
import platform
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType

from node_daemon import log
from node_daemon.settings import this_arch


def find_psutil(cache: Path) -> ModuleType | None:
    """The psutil module, or None when there is none for this machine or the cache folder cannot be used."""
    try:
        return importlib.import_module("psutil")
    except ImportError:
        pass
    wheel = _wheel(wheel_name(sys.platform, this_arch(), platform.libc_ver()[0]))
    if wheel is None:
        return None
    try:
        return _import_from(unpack(wheel, cache))
    except (OSError, ImportError, zipfile.BadZipFile) as error:
        log.info("bundled psutil cannot be used", reason=getattr(error, "strerror", None) or type(error).__name__)
        return None


def wheel_name(system: str, arch: str, libc: str) -> str:
    """The wheel for a machine, as build.py names it: linux-x64, linux-musl-x64, darwin-arm64, ..."""
    musl = "musl-" if system == "linux" and libc != "glibc" else ""
    return f"{system}-{musl}{arch}"


def unpack(wheel: bytes, cache: Path) -> Path:
    """Unpack the wheel into its own folder below `cache` unless it is there already. Raises OSError.

    The folder appears complete or not at all, so that two daemons may start at once.
    """
    target = cache / f"psutil-{hashlib.sha256(wheel).hexdigest()[:16]}"
    if target.is_dir():
        return target
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=str(cache)))
    try:
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            archive.extractall(str(fresh), [name for name in archive.namelist() if "/tests/" not in name])
        fresh.rename(target)
    except OSError:
        if not target.is_dir():
            raise
    finally:
        shutil.rmtree(str(fresh), ignore_errors=True)
    return target


def _wheel(name: str) -> bytes | None:
    try:
        return pkgutil.get_data("node_daemon", f"wheels/{name}.whl")
    except OSError:
        return None


def _import_from(folder: Path) -> ModuleType:
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("psutil")
    finally:
        sys.path.remove(str(folder))
