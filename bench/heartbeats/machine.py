"""On what it was measured: nothing that names a host or a path."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil

from bench.heartbeats.servers import ROOT
from standalone import binaries

PACKAGES = ("gunicorn", "gevent", "Flask", "SQLAlchemy", "psycopg2-binary", "redis", "orjson")


def describe(state: Path) -> list[tuple[str, str]]:
    """What a reader needs to judge the figures, as rows of a table."""
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        ("CPU", f"{_cpu_model()}, {os.cpu_count()} cores"),
        ("Memory", f"{memory:.0f} GiB"),
        ("System", f"{platform.system()} {platform.release()} ({platform.machine()})"),
        ("Python", f"{platform.python_version()}, {versions}"),
        ("Servers", f"{_program(binaries.postgres_folder() / 'postgres')}; {_program(binaries.redis_server())}"),
        ("One flush of the disk", f"{flush_ms(state):.1f} ms (8 kB and fdatasync, median of 100)"),
        ("Code", _commit()),
    ]


def flush_ms(folder: Path) -> float:
    """Milliseconds until 8 kB are safe on the disk that Postgres writes to."""
    file = folder / "flush"
    times = []
    with file.open("wb", buffering=0) as handle:
        for _ in range(100):
            began = time.perf_counter()
            handle.write(bytes(8192))
            os.fdatasync(handle.fileno())
            times.append(1000 * (time.perf_counter() - began))
    file.unlink()
    return median(times)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _program(program: Path) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    words = done.stdout.split()
    return " ".join(words[:3]).replace("postgres (PostgreSQL)", "PostgreSQL")


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty=, with changes"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
