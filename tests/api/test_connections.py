"""The routes that call nodes: they answer with the outcome, or after a while with the job's id."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.gateways import task_queue
from app.services import jobs
from tests.fleet import CLUSTER, Fleet, until
from tests.gateways.neighbours import answering, by_path, neighbour
from tests.ports import closed_port


@pytest.fixture
def worker(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Carries out jobs in threads of this process, as a Celery worker would in its own."""

    def work(job_id: str) -> None:
        with app.app_context():
            jobs.run_job(UUID(job_id))

    monkeypatch.setattr(
        task_queue, "send_job", lambda job_id: threading.Thread(target=work, args=(job_id,), daemon=True).start()
    )


@pytest.fixture
def nobody_works(monkeypatch: pytest.MonkeyPatch, settings_with: Callable[..., None]) -> None:
    """Nobody carries out jobs, and nobody waits long."""
    monkeypatch.setattr(task_queue, "send_job", lambda _job_id: None)
    settings_with(answer_within=0.05)


def ask(client: FlaskClient, port: int) -> dict[str, Any]:
    answer = client.post(f"{CLUSTER}/test-connection", json={"host": "127.0.0.1", "port": port})
    assert answer.status_code == 200
    return dict(answer.json)


def test_a_connection_that_works_is_a_success_with_its_latency(client: FlaskClient, worker: None) -> None:
    with neighbour(answering("200 OK", '{"agentId": "a-1", "version": "0.5.324"}')) as server:
        said = ask(client, server.port)
    assert said["success"] is True
    assert (said["version"], said["agentId"]) == ("0.5.324", "a-1")
    assert isinstance(said["latencyMs"], int)
    assert "error" not in said


def test_a_connection_that_fails_is_no_success_and_says_why(client: FlaskClient, worker: None) -> None:
    said = ask(client, closed_port())
    assert (said["success"], said["code"]) == (False, "refused")
    assert "refuses port" in said["error"]
    assert isinstance(said["latencyMs"], int)


@pytest.mark.parametrize("address", [{}, {"host": "x"}, {"host": "http://x", "port": 1}, {"host": "x", "port": 0}])
def test_an_address_that_cannot_be_called_is_refused(client: FlaskClient, address: dict[str, Any]) -> None:
    answer = client.post(f"{CLUSTER}/test-connection", json=address)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_input")


def test_a_test_that_takes_longer_is_answered_with_its_job(client: FlaskClient, nobody_works: None) -> None:
    answer = client.post(f"{CLUSTER}/test-connection", json={"host": "127.0.0.1", "port": 1})
    assert (answer.status_code, answer.json["success"]) == (202, False)
    job = client.get(f"{CLUSTER}/jobs/{answer.json['jobId']}").json
    assert (job["id"], job["kind"], job["state"]) == (answer.json["jobId"], "test_connection", "queued")
    assert (job["finishedAt"], job["code"]) == (None, None)


def test_a_job_that_ended_later_can_be_read(client: FlaskClient, nobody_works: None) -> None:
    answer = client.post(f"{CLUSTER}/test-connection", json={"host": "127.0.0.1", "port": closed_port()})
    jobs.run_job(UUID(answer.json["jobId"]))
    job = client.get(f"{CLUSTER}/jobs/{answer.json['jobId']}").json
    assert (job["state"], job["code"]) == ("failed", "refused")
    assert job["finishedAt"].endswith("Z")


def test_a_ping_says_how_fast_a_node_answers(client: FlaskClient, fleet: Fleet, worker: None) -> None:
    with neighbour(answering("200 OK")) as server:
        fleet.add(port=server.port)
        answer = client.post(f"{CLUSTER}/nodes/mac-mini/ping")
    assert (answer.status_code, answer.json["ok"]) == (200, True)
    assert isinstance(answer.json["latencyMs"], int)


def test_a_ping_of_a_node_that_refuses_is_not_ok(client: FlaskClient, fleet: Fleet, worker: None) -> None:
    fleet.add(port=closed_port())
    answer = client.post(f"{CLUSTER}/nodes/mac-mini/ping")
    assert (answer.status_code, answer.json["ok"], answer.json["code"]) == (200, False, "refused")


def test_a_restart_that_the_node_takes_is_ok(client: FlaskClient, fleet: Fleet, worker: None) -> None:
    with neighbour(by_path(restart=answering("200 OK"))) as server:
        fleet.add(port=server.port)
        answer = client.post(f"{CLUSTER}/nodes/mac-mini/restart")
    assert (answer.status_code, answer.json["ok"]) == (200, True)
    assert answer.json["message"]
    assert answer.json["jobId"]


def test_a_restart_that_the_agent_does_not_know_is_never_ok(client: FlaskClient, fleet: Fleet, worker: None) -> None:
    with neighbour(by_path(health=answering("200 OK"))) as server:
        fleet.add(port=server.port)
        answer = client.post(f"{CLUSTER}/nodes/mac-mini/restart")
    assert (answer.status_code, answer.json["ok"], answer.json["code"]) == (502, False, "http_error")
    assert "install the Muster daemon" in answer.json["error"]


def test_a_restart_of_a_node_that_is_gone_is_never_ok(client: FlaskClient, fleet: Fleet, worker: None) -> None:
    fleet.add(port=closed_port())
    answer = client.post(f"{CLUSTER}/nodes/mac-mini/restart")
    assert (answer.status_code, answer.json["ok"], answer.json["code"]) == (502, False, "refused")


def test_a_restart_that_waits_for_the_next_heartbeat_is_a_202_with_its_job(
    client: FlaskClient, fleet: Fleet, nobody_works: None
) -> None:
    fleet.add(managed=True)
    answer = client.post(f"{CLUSTER}/nodes/mac-mini/restart")
    assert (answer.status_code, answer.json["ok"]) == (202, True)
    assert "next heartbeat of mac-mini" in answer.json["message"]
    assert client.get(f"{CLUSTER}/jobs/{answer.json['jobId']}").json["nodeId"] == "mac-mini"


def test_a_restart_reaches_a_daemon_in_the_answer_to_its_heartbeat(
    client: FlaskClient, fleet: Fleet, worker: None
) -> None:
    fleet.add(managed=True, port=closed_port())
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(client.post(f"{CLUSTER}/nodes/mac-mini/restart")))
    asking.start()
    daemon = client.application.test_client()
    path = f"{CLUSTER}/heartbeat/mac-mini"
    said = until(lambda: (beat := daemon.post(path, json={}).json).get("commands") and beat)
    assert said["heartbeatIntervalMs"] == 2000
    [command] = said["commands"]
    assert command["kind"] == "restart_agents"
    result = {"id": command["id"], "ok": True, "message": "Restarted 2 agents"}
    daemon.post(path, json={"commandResults": [result]})
    asking.join(10)
    assert (answers[0].status_code, answers[0].json["ok"]) == (200, True)
    assert answers[0].json["message"] == "Restarted 2 agents"


@pytest.mark.parametrize("action", ["restart", "ping"])
def test_an_action_on_an_unknown_node_is_not_found(client: FlaskClient, action: str) -> None:
    answer = client.post(f"{CLUSTER}/nodes/nobody/{action}")
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_node")


@pytest.fixture
def no_loopback(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As anywhere but on a standalone: nodes are not on this machine."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], node_calls_loopback=False))


@pytest.mark.parametrize("host", ["localhost", "127.1", "::1", "169.254.169.254"])
def test_an_address_that_must_not_be_called_is_told_in_a_sentence(
    client: FlaskClient, worker: None, no_loopback: None, host: str
) -> None:
    with neighbour(answering("200 OK")) as server:
        answer = client.post(f"{CLUSTER}/test-connection", json={"host": host, "port": server.port})
        assert server.requests == []
    assert (answer.status_code, answer.json["success"], answer.json["code"]) == (200, False, "target_denied")
    assert answer.json["error"].startswith(f"{host}:{server.port} is not called: ")


def test_a_node_that_names_itself_localhost_joins_and_only_calls_to_it_are_refused(
    client: FlaskClient, worker: None, no_loopback: None
) -> None:
    with neighbour(answering("200 OK")) as server:
        node = {"nodeId": "behind-nat", "host": "localhost", "port": server.port}
        assert client.post(f"{CLUSTER}/register", json=node).status_code == 200
        assert client.post(f"{CLUSTER}/heartbeat/behind-nat").status_code == 200
        ping = client.post(f"{CLUSTER}/nodes/behind-nat/ping")
        restart = client.post(f"{CLUSTER}/nodes/behind-nat/restart")
        assert server.requests == []
    assert (ping.status_code, ping.json["ok"], ping.json["code"]) == (200, False, "target_denied")
    assert (restart.status_code, restart.json["ok"], restart.json["code"]) == (502, False, "target_denied")
