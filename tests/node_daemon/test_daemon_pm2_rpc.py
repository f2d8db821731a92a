"""PM2's socket: what we send, what we take, and what we do with a version that we do not know."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from node_daemon.agents.pm2 import client, rpc
from node_daemon.agents.pm2.client import App, Client, Pm2Failed, Runtime

ROW = {
    "name": "a-1",
    "pm_id": 3,
    "pid": 41,
    "pm2_env": {
        "status": "online",
        "restart_time": 2,
        "pm_uptime": 1_700_000_000_000,
        "exit_code": 0,
        "env": {"DATABASE_URL": "canary"},
        "DATABASE_URL": "canary",
    },
}


class FakePm2:
    """Answers every call with what `answer` makes of it; `version` is that of its framing."""

    def __init__(self, home: Path, answer: Callable[[dict[str, Any]], dict[str, Any]], version: int = 1) -> None:
        self.calls: list[dict[str, Any]] = []
        self._answer, self._version = answer, version
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(home / "rpc.sock"))
        self._server.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                asked, request = rpc._message(connection, float("inf"))
                self.calls.append(asked)
                noise = rpc.frame({"type": "event"}, "somebody else's")
                data = bytearray(rpc.frame(self._answer(asked), request))
                data[0] = self._version << 4 | 2
                connection.sendall((noise if self._version == 1 else b"") + bytes(data))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def pm2(home: Path) -> Iterator[Callable[..., FakePm2]]:
    made: list[FakePm2] = []

    def one(answer: Callable[[dict[str, Any]], dict[str, Any]], version: int = 1) -> FakePm2:
        made.append(FakePm2(home, answer, version))
        return made[-1]

    yield one
    for server in made:
        server.close()


def client_of(home: Path, pm2_output: str = "") -> Client:
    """A client whose command line is a shell script."""
    runtime = Runtime(home / "runtime")
    runtime.node.parent.mkdir(parents=True)
    runtime.node.write_text(f"#!/bin/sh\ntouch {home}/cli-was-called\ncat <<'END'\n{pm2_output}\nEND\n")
    runtime.node.chmod(0o755)
    return Client(runtime, home, {"PATH": "/usr/bin:/bin"})


def test_of_a_process_only_what_we_need_is_taken(home: Path, pm2: Callable[..., FakePm2]) -> None:
    server = pm2(lambda _: {"args": [[ROW, {"name": 7}, "noise"]]})

    apps = client_of(home).apps()

    assert apps == [App("a-1", 3, 41, "online", 2, 1_700_000_000.0, 0)]
    assert "canary" not in repr(apps)
    assert server.calls == [{"type": "call", "method": "getMonitorData", "args": [{}]}]


def test_where_no_pm2_runs_none_is_started(home: Path) -> None:
    assert client_of(home).apps() is None
    assert not (home / "cli-was-called").exists()


def test_the_words_of_a_refusal_are_dropped(home: Path, pm2: Callable[..., FakePm2]) -> None:
    pm2(lambda _: {"error": "canary"})

    with pytest.raises(Pm2Failed) as refusal:
        client_of(home).restart(App("a-1", 3, 41, "online", 0, 0.0))

    assert "a-1" in str(refusal.value)
    assert "canary" not in str(refusal.value)


def test_an_unknown_version_is_asked_by_the_command_line(home: Path, pm2: Callable[..., FakePm2]) -> None:
    pm2(lambda _: {"args": []}, version=2)
    banner = (
        '>>>> In-memory PM2 is out-of-date\n[{"name": "a-1", "pm_id": 0, "pid": 0, "pm2_env": {"status": "errored"}}]'
    )

    assert client_of(home, banner).apps() == [App("a-1", 0, None, "errored", 0, 0.0, None)]


def test_a_message_that_is_cut_off_is_a_failure_and_no_endless_wait(home: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(home / "rpc.sock"))
    server.listen()

    def cut() -> None:
        with server.accept()[0] as connection:
            connection.sendall(bytes([0x12]) + struct.pack(">I", 100) + b"j:")

    threading.Thread(target=cut, daemon=True).start()
    with pytest.raises(Pm2Failed), server:
        client_of(home).apps()


def test_agents_inherit_nothing_secret_from_pm2(home: Path) -> None:
    one = Client(
        Runtime(home), home, {"PATH": "/bin", "DATABASE_URL": "canary", "https_proxy": "http://p", "HOME": "/h"}
    )

    inherited = one._own_environment()

    assert "canary" not in str(inherited)
    assert {"PM2_HOME", "HOME", "PATH", "https_proxy"} <= set(inherited)


def test_the_list_is_found_behind_a_banner_and_noise_is_no_list() -> None:
    assert client.listed('[PM2] Spawning PM2 daemon\n[{"name": "a"}]\n') == [{"name": "a"}]
    assert client.listed("hello") == []
