"""The node's own port, with real sockets."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from daemon_doubles import eventually, free_port

from node_daemon import node_api
from node_daemon.agents.supervisor import AgentStatus, Output, Restarted, SupervisorBusy
from node_daemon.errors import SettingsError

AGENT = AgentStatus("a", "A", "", "running", 7, 1, "2026-11-23T15:04:30.000Z")


class FakeSupervisor:
    """Has one agent; its restarts come out as told."""

    def __init__(self) -> None:
        self.outcome: Restarted | Exception = Restarted((AGENT,), ())
        self.restarts = 0

    def list(self) -> list[AgentStatus]:
        return [AGENT]

    def restart(self, agent_ids: Iterable[str] | None = None) -> Restarted:
        self.restarts += agent_ids is None
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def start(self, agent_id: str) -> None: ...
    def stop(self, agent_id: str) -> None: ...
    def output(self, agent_id: str) -> Output: ...
    def unknown(self) -> Iterable[str]: ...


class Port:
    """An open node port and what it was asked."""

    def __init__(self, direct_restart: bool) -> None:
        self.nudges = 0
        self.supervisor = FakeSupervisor()
        node = node_api.Node("n1", self.supervisor, self._nudge, time.monotonic(), direct_restart)
        self.server = node_api.listen("127.0.0.1", 0, node)
        self.number = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def _nudge(self) -> None:
        self.nudges += 1

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.number, timeout=5)
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        answer = response.status, json.loads(response.read())
        connection.close()
        return answer


@contextmanager
def opened(direct_restart: bool) -> Iterator[Port]:
    one = Port(direct_restart)
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def port() -> Iterator[Port]:
    with opened(direct_restart=True) as one:
        yield one


@pytest.fixture
def careful_port() -> Iterator[Port]:
    """As it is without a word in the settings."""
    with opened(direct_restart=False) as one:
        yield one


@pytest.mark.parametrize("path", ["/health", "/api/status", "/health?x=1"])
def test_health_says_who_this_is(port: Port, path: str) -> None:
    status, body = port.ask("GET", path)

    assert status == 200
    assert body.pop("uptime") >= 0
    assert body == {"status": "ok", "nodeId": "n1", "version": "0.1.0", "agents": 1, "agentId": None, "heard": False}


def test_a_restart_answers_with_the_new_processes(port: Port) -> None:
    agents = [{"agentId": "a", "pid": 7, "startedAt": "2026-11-23T15:04:30.000Z"}]

    assert port.ask("POST", "/restart") == (200, {"ok": True, "message": "1 agent restarted", "agents": agents})


@pytest.mark.parametrize(
    ("outcome", "status", "error"),
    [
        (Restarted((), ()), 500, "this node has no agents to restart"),
        (Restarted((), ("a cannot be ended",)), 500, "0 of 1 agents restarted: a cannot be ended"),
        (SupervisorBusy("another restart has not ended yet"), 503, "another restart has not ended yet"),
    ],
)
def test_a_restart_that_restarted_nothing_is_a_failure(
    port: Port, outcome: Restarted | Exception, status: int, error: str
) -> None:
    port.supervisor.outcome = outcome

    answered, body = port.ask("POST", "/restart")

    assert (answered, body["ok"], body["error"]) == (status, False, error)


def test_a_nudge_is_accepted_and_restarts_nothing(port: Port) -> None:
    assert port.ask("POST", "/nudge")[0] == 202
    assert (port.nudges, port.supervisor.restarts) == (1, 0)


@pytest.mark.parametrize("path", ["/restart", "/restart?x=1"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer x"}, {"X-Forwarded-For": "127.0.0.1"}, {"Host": "localhost"}, {"Origin": "null"}],
)
def test_nobody_who_only_reaches_the_port_can_restart_agents(
    careful_port: Port, path: str, headers: dict[str, str]
) -> None:
    status, body = careful_port.ask("POST", path, **headers)

    assert (status, body["ok"], careful_port.supervisor.restarts) == (403, False, 0)
    assert body["error"]


def test_a_refused_restart_says_how_it_is_done_and_the_rest_of_the_port_works(careful_port: Port) -> None:
    sentence = careful_port.ask("POST", "/restart")[1]["error"]

    assert "in the answer to a heartbeat" in sentence
    assert "WORKER_ALLOW_DIRECT_RESTART=1" in sentence
    assert careful_port.ask("GET", "/health")[0] == 200
    assert careful_port.ask("POST", "/nudge")[0] == 202


def test_the_port_is_open_only_on_the_chosen_address(port: Port) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port.number), timeout=5)


def test_a_web_page_cannot_restart_agents(port: Port) -> None:
    assert port.ask("POST", "/restart", Origin="https://evil.example")[0] == 403
    assert port.supervisor.restarts == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/restart", 405), ("POST", "/health", 405), ("GET", "/", 404), ("POST", "/x", 404)],
)
def test_what_is_not_served_is_refused_as_json(port: Port, method: str, path: str, status: int) -> None:
    answered, body = port.ask(method, path)

    assert answered == status
    assert body["error"]


def test_a_large_body_is_refused(port: Port) -> None:
    assert port.ask("POST", "/restart", **{"Content-Length": "5000"})[0] == 413
    assert port.supervisor.restarts == 0


def test_a_request_that_drips_in_is_cut_off_at_its_deadline(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_api, "READ_DEADLINE", 0.3)
    began = time.monotonic()

    with socket.create_connection(("127.0.0.1", port.number), timeout=5) as sock:
        sock.settimeout(0.05)
        while time.monotonic() - began < 3:
            try:
                sock.sendall(b"G")
                if sock.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break

    assert time.monotonic() - began < 2


def test_the_port_goes_on_serving_after_too_many_connections(port: Port) -> None:
    many = [socket.create_connection(("127.0.0.1", port.number), timeout=5) for _ in range(40)]
    assert many[-1].recv(10) == b""  # over the limit: closed at once
    for one in many:
        one.close()

    def served() -> bool:
        try:
            return port.ask("GET", "/health")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    eventually(served)


def test_a_port_that_another_program_has_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_api, "BIND_PATIENCE", 0.1)
    number = free_port()
    node = node_api.Node("n1", FakeSupervisor(), lambda: None, 0.0)
    with socket.socket() as other:
        other.bind(("127.0.0.1", number))
        other.listen()

        with pytest.raises(
            SettingsError, match=f"^PORT {number} on 127.0.0.1 cannot be opened: Address already in use"
        ):
            node_api.listen("127.0.0.1", number, node)
