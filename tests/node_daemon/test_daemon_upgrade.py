"""A daemon puts another program in its place: its agents notice nothing, and a bad program does not stay."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from daemon_doubles import Daemon, FakeControlPlane, eventually

from node_daemon import build

VERSION = 'import sys\nif "--version" in sys.argv:\n    print("9")\n    sys.exit(0)\n'


def program(version: str) -> bytes:
    """The daemon's program as it is, with another version."""
    files = build.sources()
    files["node_daemon/__init__.py"] = f'__version__ = "{version}"\n'.encode()
    return build.archive(files, {})


def broken(body: str) -> bytes:
    """A program that says its version and then does not do its work."""
    return build.archive({"__main__.py": (VERSION + body).encode()}, {})


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def running(daemon: Daemon, control_plane: FakeControlPlane) -> Iterator[Daemon]:
    """A daemon of version 1 that runs from a worker.pyz, with its agents."""
    path = daemon.home / ".agenticmail" / "daemon" / "worker.pyz"
    build.write(path, program("1"))
    daemon.program = [str(path)]
    daemon.env["WORKER_BIND"] = "127.0.0.1"
    control_plane.interval_ms = 1000
    daemon.start()
    eventually(lambda: control_plane.heartbeats and len(daemon.pids()) == 2)
    yield daemon
    for pid in processes_of(path):
        os.kill(pid, signal.SIGKILL)


def processes_of(path: Path) -> list[int]:
    """Every process that runs from this program, or from the one before it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[1:2] and words[1].startswith(str(path).encode()):
            found.append(int(entry.name))
    return found


def upgrade(control_plane: FakeControlPlane, content: bytes, asked_for: str = "", seconds: float = 20) -> None:
    sha256 = asked_for or digest(content)
    control_plane.programs[sha256] = content
    arguments = {"sha256": sha256, "deadlineSeconds": seconds}
    control_plane.commands = [{"id": "u1", "kind": "upgrade", "arguments": arguments}]


def result(control_plane: FakeControlPlane, seconds: float = 40) -> dict[str, Any]:
    found: dict[str, Any] = eventually(lambda: control_plane.results()[-1:], seconds)[0]
    return found


def test_agents_keep_their_processes_over_an_upgrade(running: Daemon, control_plane: FakeControlPlane) -> None:
    agents = running.pids()
    content = program("2")

    upgrade(control_plane, content)

    assert (result(control_plane)["ok"], result(control_plane)["message"]) == (True, "Upgraded from 1 to 2")
    assert control_plane.registrations[-1]["version"] == "2"
    assert control_plane.registrations[-1]["metadata"] == {"build": digest(content)}
    assert running.pids() == agents
    assert running.process is not None
    assert running.process.poll() is None
    eventually(lambda: len(processes_of(Path(running.program[0]))) == 1)  # the watchdog has gone


def test_an_agent_that_dies_after_an_upgrade_is_buried_and_started_again(
    running: Daemon, control_plane: FakeControlPlane
) -> None:
    upgrade(control_plane, program("2"))
    result(control_plane)
    former = running.pids()["demo-1"]

    os.kill(former, signal.SIGKILL)

    eventually(lambda: running.pids().get("demo-1", former) != former)
    assert not Path(f"/proc/{former}").exists()


@pytest.mark.long
@pytest.mark.parametrize("body", ["import time\ntime.sleep(600)\n", "sys.exit(1)\n"], ids=["silent", "ends"])
def test_a_program_that_is_not_heard_is_taken_back_and_it_is_said(
    running: Daemon, control_plane: FakeControlPlane, body: str
) -> None:
    agents = running.pids()

    upgrade(control_plane, broken(body), seconds=2)

    said = result(control_plane)
    assert not said["ok"]
    assert said["message"] == ("Not upgraded, 1 goes on: the new program was not heard by the control plane within 2 s")
    assert control_plane.registrations[-1]["metadata"] == {"build": digest(program("1"))}
    assert Path(running.program[0]).read_bytes() == program("1")
    assert running.pids() == agents


def test_a_wrong_checksum_changes_nothing(running: Daemon, control_plane: FakeControlPlane) -> None:
    upgrade(control_plane, program("2"), asked_for="0" * 64)

    assert "Not upgraded: what was downloaded has the checksum" in result(control_plane)["message"]
    assert Path(running.program[0]).read_bytes() == program("1")


def test_a_program_that_does_not_start_here_is_not_put_in_place(
    running: Daemon, control_plane: FakeControlPlane
) -> None:
    upgrade(control_plane, build.archive({"__main__.py": b"import no_such_module\n"}, {}))

    assert "does not start here (exit code 1)" in result(control_plane)["message"]
    assert Path(running.program[0]).read_bytes() == program("1")


def test_a_daemon_that_runs_from_its_source_says_that_it_cannot_be_upgraded(
    daemon: Daemon, control_plane: FakeControlPlane
) -> None:
    daemon.start()
    upgrade(control_plane, program("2"))

    assert "does not run from a worker.pyz" in result(control_plane)["message"]
