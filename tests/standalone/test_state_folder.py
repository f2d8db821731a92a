"""The state folder: private, remembered, and used by one Muster at a time."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from standalone.errors import StandaloneError
from standalone.state import StateFolder


def test_secrets_are_made_once_and_only_we_can_read_them(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    first = state.secret("redis")

    assert len(first) >= 32
    assert StateFolder(tmp_path).secret("redis") == first
    assert state.secret("postgres") != first
    assert state.secret_file("redis").stat().st_mode & 0o077 == 0
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_a_port_is_remembered_and_replaced_only_when_taken(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    first = state.port("redis")
    assert state.port("redis") == first

    with socket.create_server(("127.0.0.1", first)):
        second = state.port("redis")

    assert second != first
    assert json.loads((tmp_path / "ports.json").read_text()) == {"redis": second}


def test_a_preferred_port_is_taken_when_it_is_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert StateFolder(tmp_path).port("node", preferred=taken) != taken
    (tmp_path / "ports.json").unlink()

    assert StateFolder(tmp_path).port("node", preferred=taken) == taken


def test_the_next_starter_waits_while_a_killed_ones_guardian_clears_up(tmp_path: Path) -> None:
    guardian = subprocess.Popen(
        [sys.executable, "-c", LOCK_HOLDER, str(tmp_path / "lock")], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    assert guardian.stdout is not None
    assert guardian.stdout.readline() == b"locked\n"
    said: list[str] = []

    def let_go(line: str) -> None:
        said.append(line)
        guardian.communicate(b"done\n", timeout=10)

    state = StateFolder(tmp_path)
    state.lock(let_go)

    assert said == ["the Muster before this one was killed; waiting until its processes have ended"]
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    state.unlock()


LOCK_HOLDER = """
import fcntl, subprocess, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
gone = subprocess.Popen([sys.executable, "-c", ""])
gone.wait()
lock.write(str(gone.pid))
lock.flush()
print("locked", flush=True)
sys.stdin.readline()
"""


def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StandaloneError, match=r"file/state cannot be made .*set MUSTER_HOME"):
        StateFolder(tmp_path / "file" / "state").lock()
