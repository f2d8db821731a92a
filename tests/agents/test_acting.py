"""Start, stop, restart and move: what is wanted changes at once, and the job ends when a report proves it."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.models import Job
from app.services import jobs
from app.services.agents import acts
from app.services.heartbeats.batch import FASTER_BEATS_MS
from tests.agents.machine import Machine
from tests.agents.orders import act, ask, details, end_of, overdue, register, row
from tests.fleet import CLUSTER


def test_an_agent_is_settled_when_its_node_reports_it(client: FlaskClient, n1: Machine) -> None:
    register(client, needs={"memoryMb": 500, "cpuWeight": 1})
    assert (n1.fleet.stored("n1", "promised_agents"), n1.fleet.stored("n1", "promised_cpu")) == (1, 1.0)
    n1.work()
    assert row().settled_at is not None
    stored = {name: n1.fleet.stored("n1", name) for name in ("promised_memory_mb", "assigned_memory_mb", "agents_seen")}
    assert stored == {"promised_memory_mb": 0, "assigned_memory_mb": 500, "agents_seen": 1}


def test_a_node_is_hurried_until_it_has_done_what_it_was_told(client: FlaskClient, n1: Machine) -> None:
    register(client)
    assert [n1.beat().interval_ms for _ in range(3)] == [FASTER_BEATS_MS, FASTER_BEATS_MS, 30_000]


def test_a_stop_is_done_when_the_report_says_that_no_process_is_left(client: FlaskClient, n1: Machine) -> None:
    register(client)
    n1.work()
    job_id = act(client, "stop")
    assert row().wanted == "stopped"
    n1.beat()
    assert end_of(job_id)[0] == "running"
    n1.beat()
    assert end_of(job_id) == ("succeeded", "ok", "Stopped on n1")


def test_a_process_that_does_not_end_fails_the_stop_by_its_pid(client: FlaskClient, n1: Machine) -> None:
    register(client)
    n1.work()
    n1.stubborn = {"reader"}
    job_id = act(client, "stop")
    n1.work()
    overdue(job_id)
    acts.sweep()
    assert end_of(job_id) == ("failed", "not_stopped", "n1 reports: process 101 still runs")


def test_a_start_is_done_when_the_process_is_seen(client: FlaskClient, n1: Machine) -> None:
    register(client, wanted="stopped")
    n1.work()
    assert details(client)["seen"][0]["state"] == "stopped"
    job_id = act(client, "start")
    n1.work()
    job = jobs.get_job(job_id)
    assert (job.state, job.message) == ("succeeded", "Runs on n1 as process 101")
    assert job.result == {"nodeId": "n1", "pid": 101, "startedAt": "2026-11-24T10:00:00Z"}


def test_a_start_that_fails_says_what_was_seen(client: FlaskClient, n1: Machine) -> None:
    register(client, wanted="stopped")
    n1.broken = {"reader"}
    job_id = act(client, "start")
    n1.work()
    overdue(job_id)
    n1.beat()
    state, code, message = end_of(job_id)
    assert (state, code) == ("failed", "not_started")
    assert message == "n1 reports: it is crash-looping, its last exit code was 1"


def test_a_start_of_one_that_was_given_up_tries_again(client: FlaskClient, n1: Machine) -> None:
    n1.broken = {"reader"}
    register(client)
    n1.work()
    n1.broken = set()
    n1.fleet.beat("n1", **{**n1._message(), "agentDetails": [{"agentId": "reader", "state": "crash_looping"}]})
    job_id = act(client, "start")
    n1.work()
    assert (end_of(job_id)[0], "reader" in n1.processes) == ("succeeded", True)


def test_a_start_of_one_that_runs_is_done_at_once(client: FlaskClient, n1: Machine) -> None:
    register(client)
    n1.work()
    assert end_of(act(client, "start"))[0] == "succeeded"


def test_a_start_needs_room(client: FlaskClient, n1: Machine) -> None:
    register(client, wanted="stopped", needs={"memoryMb": 9000})
    register(client, "other", needs={"memoryMb": 9000})
    refused = ask(client, "POST", "/agents/reader/start", 409)
    assert refused["error"] == "No suitable node: n1 has 7000 MB of memory free, 9000 MB needed"


def test_a_restart_is_a_command_and_its_result_ends_the_job(client: FlaskClient, n1: Machine) -> None:
    register(client)
    n1.work()
    job_id = act(client, "restart")
    n1.work(2)
    assert (end_of(job_id)[0], n1.processes["reader"][0]) == ("succeeded", 102)


def test_a_restart_of_a_process_that_ignores_it_fails_with_the_reason(client: FlaskClient, n1: Machine) -> None:
    register(client)
    n1.work()
    n1.stubborn = {"reader"}
    job_id = act(client, "restart")
    n1.work(2)
    assert end_of(job_id) == ("failed", "node_failed", "process 101 did not end")


def test_an_agent_that_is_only_seen_can_be_restarted_but_not_stopped(client: FlaskClient, n1: Machine) -> None:
    n1.processes = {"old": (7, 0)}
    n1.beat()
    job_id = act(client, "restart", "old")
    n1.work(2)
    assert end_of(job_id)[0] == "succeeded"
    refused = ask(client, "POST", "/agents/old/stop", 404)
    assert refused["error"] == "Nobody registered old: adopt it, so that it can be acted on"


def test_what_cannot_be_done_is_refused_in_words(client: FlaskClient, n1: Machine) -> None:
    register(client, wanted="stopped")
    assert "start it" in ask(client, "POST", "/agents/reader/restart", 409)["error"]
    assert "is on n1 already" in ask(client, "POST", "/agents/reader/move", 409, nodeId="n1")["error"]
    n1.fleet.add("plain")
    n1.fleet.beat("plain", agents=["lone"])
    ask(client, "POST", "/agents/lone/adopt", 201)
    assert "has no daemon" in ask(client, "POST", "/agents/lone/stop", 409)["error"]
    assert "only its node knows its command" in ask(client, "POST", "/agents/lone/move", 409)["error"]
    assert ask(client, "POST", "/agents/nobody/start", 404)["code"] == "unknown_agent"
    assert client.post(f"{CLUSTER}/agents/reader/explode", json={}).status_code == 404


def test_while_the_node_is_away_the_job_waits_and_then_goes_on(client: FlaskClient, n1: Machine) -> None:
    register(client)
    n1.work()
    n1.silence(91)
    job_id = act(client, "stop", expiresInMinutes=10)
    acts.sweep()
    assert end_of(job_id)[0] == "running"
    n1.work()
    assert end_of(job_id)[0] == "succeeded"


def test_a_job_for_a_node_that_stays_away_expires_and_says_so(client: FlaskClient, n1: Machine) -> None:
    register(client)
    n1.work()
    n1.silence(91)
    job_id = act(client, "stop")
    overdue(job_id)
    acts.sweep()
    job = jobs.get_job(job_id)
    assert (job.state, job.code) == ("failed", "node_away")
    assert "n1 was last heard at" in (job.message or "")
    assert job.advice == "It is done when the node is back, unless you undo it"


def test_a_newer_action_takes_the_place_of_an_older_one(client: FlaskClient, n1: Machine) -> None:
    register(client)
    n1.work()
    first = act(client, "restart")
    second = act(client, "stop")
    n1.work()
    assert end_of(first) == ("cancelled", "replaced", "A newer action took its place")
    assert (end_of(second)[0], n1.next_pid) == ("succeeded", 101)


def test_an_agent_that_is_placed_nowhere_is_placed_by_its_start(client: FlaskClient, n1: Machine) -> None:
    register(client)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE agents SET node_id = NULL"))
    job_id = act(client, "start")
    n1.work()
    assert (end_of(job_id)[0], row().node_id, row().epoch) == ("succeeded", "n1", 2)


def whole(client: FlaskClient, **said: Any) -> Any:
    return ask(client, "POST", "/agents/actions", 202, **said)


def test_several_agents_are_one_job_with_parts(client: FlaskClient, n1: Machine) -> None:
    for agent_id in ("a", "b"):
        register(client, agent_id)
    n1.work()
    asked = whole(client, action="stop", agentIds=["a", "b", "nobody"])
    assert [part["agentId"] for part in asked["jobs"]] == ["a", "b"]
    assert asked["leftOut"] == [
        {"agentId": "nobody", "reason": "Nobody registered nobody: adopt it, so that it can be acted on"}
    ]
    n1.work()
    job = jobs.get_job(UUID(asked["jobId"]))
    assert (job.state, job.message) == ("succeeded", "2 of 2 done")
    parts = client.get(f"{CLUSTER}/jobs?parent={asked['jobId']}").json["jobs"]
    assert {(part["kind"], part["agentId"], part["state"]) for part in parts} == {
        ("stop_agent", "a", "succeeded"),
        ("stop_agent", "b", "succeeded"),
    }


def test_a_whole_tells_which_of_its_parts_failed(client: FlaskClient, n1: Machine) -> None:
    for agent_id in ("a", "b"):
        register(client, agent_id)
    n1.work()
    n1.stubborn = {"b"}
    asked = whole(client, action="restart", nodeId="n1")
    n1.work()
    assert end_of(UUID(asked["jobId"])) == ("failed", "some_failed", "1 of 2 done; b: process 102 did not end")


def test_a_filter_chooses_agents(client: FlaskClient, n1: Machine) -> None:
    for agent_id in ("a1", "a2", "b"):
        register(client, agent_id)
    n1.work()
    assert len(whole(client, action="stop", q="id:a")["jobs"]) == 2
    assert client.post(f"{CLUSTER}/agents/actions", json={"action": "stop", "q": "colour:red"}).status_code == 400


def test_a_cancelled_whole_ends_its_parts(client: FlaskClient, n1: Machine) -> None:
    for agent_id in ("a", "b"):
        register(client, agent_id)
    n1.work()
    n1.silence(91)
    asked = whole(client, action="stop", agentIds=["a", "b"])
    jobs.cancel(UUID(asked["jobId"]), SYSTEM)
    acts.sweep()
    assert {job.state for job in Job.query.filter_by(parent_id=UUID(asked["jobId"]))} == {"cancelled"}


@pytest.mark.parametrize(
    "said",
    [{"action": "stop"}, {"action": "stop", "agentIds": []}, {"action": "stop", "agentIds": ["a"], "q": "a"}, {}],
)
def test_it_must_be_clear_what_is_done_with_which_agents(client: FlaskClient, said: dict[str, Any]) -> None:
    ask(client, "POST", "/agents/actions", 400, **said)


def test_when_nothing_can_be_done_there_is_no_job(client: FlaskClient) -> None:
    refused = ask(client, "POST", "/agents/actions", 409, action="stop", agentIds=["nobody"])
    assert (refused["code"], Job.query.count()) == ("action_refused", 0)
