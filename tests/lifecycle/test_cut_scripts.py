"""A setup script that arrives in part does nothing at all, wherever it was cut off."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from app.domain.deploying.request import DeployOrder
from app.services.setup import script

ORDER = DeployOrder("localhost", "", "", "by-hand", 0)
SHELLS = [path for path in map(shutil.which, ("sh", "dash", "bash")) if path]
# Near both ends each byte, and between them in steps; `MUSTER_EVERY_BYTE=1` cuts at every one.
NEAR, STEP = 300, 101


@pytest.fixture
def text(app: Flask) -> bytes:
    return script.online(UUID(int=1), ORDER, "http://127.0.0.1:9", "mjt_token").encode()


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A home, and programs that leave a trace when they are called."""
    (tmp_path / "home").mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("mkdir", "mktemp", "curl", "python3", "rm", "mv", "cp", "tar", "sh", "head", "cat", "sed", "uname"):
        (programs / name).write_text(f'#!/bin/sh\necho {name} >>"{tmp_path}/called"\n')
        (programs / name).chmod(0o755)
    return tmp_path


def cuts(length: int) -> Iterator[int]:
    every = bool(os.environ.get("MUSTER_EVERY_BYTE"))
    for size in range(length):
        if every or size < NEAR or size > length - NEAR or size % STEP == 0:
            yield size


def run(shell: str, machine: Path, text: bytes) -> None:
    environ = {"HOME": str(machine / "home"), "PATH": str(machine / "bin"), "TMPDIR": str(machine / "home")}
    subprocess.run([shell], input=text, env=environ, capture_output=True, timeout=20, check=False, cwd=machine)


@pytest.mark.parametrize("shell", SHELLS, ids=[Path(shell).name for shell in SHELLS])
def test_a_script_that_is_cut_off_has_no_effect(shell: str, machine: Path, text: bytes) -> None:
    for size in cuts(len(text.rstrip())):
        run(shell, machine, text[:size])
        assert not (machine / "called").exists(), f"cut after {size} bytes: {text[:size][-60:]!r}"
    assert list((machine / "home").iterdir()) == []

    run(shell, machine, text)
    assert (machine / "called").exists()  # whole, it does something


def test_a_script_holds_no_secret_but_its_token(app: Flask, text: bytes) -> None:
    assert text.count(b"mjt_token") == 1
    assert b"DATABASE_URL" not in text
