"""Many machines in one request: some are at work at a time, under one job that ends with all and sums them up."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, update

from app.domain.deploying.ssh import Login
from app.domain.errors import Unavailable
from app.domain.identity.actor import SYSTEM
from app.domain.jobs import Outcome
from app.extensions import db
from app.gateways import envelope
from app.models import AuditEntry, Job
from app.services import jobs
from app.services.deploying.asking import binding, order_of
from app.services.jobs.ending import finish
from app.services.jobs.running import _claim
from tests.deploying.many import DEPLOY, KEY, many, take
from tests.fleet import CLUSTER

DONE = Outcome(True, "ok", "online")
REFUSED = Outcome(False, "auth_failed", "host-2 did not accept the key")

pytestmark = pytest.mark.usefixtures("two_at_once")


def begun(job_id: UUID) -> None:
    assert _claim(job_id) is not None


def age() -> None:
    """All that was rung for was so an hour ago."""
    hour = func.make_interval(0, 0, 0, 0, 1)
    db.session.execute(update(Job).where(Job.rung_at.is_not(None)).values(rung_at=func.now() - hour))
    db.session.commit()


def test_some_begin_at_once_and_the_next_with_the_end_of_one(client: FlaskClient, rung: list[UUID]) -> None:
    parent, parts = take(client, many(5))
    assert rung == parts[:2]

    for number, ended in enumerate(parts):
        begun(ended)
        finish(ended, DONE)
        assert rung == parts[: number + 3]

    job = jobs.get_job(parent)
    assert (job.state, job.message) == ("succeeded", "5 of 5 done")


def test_a_part_that_waits_is_not_begun_by_anybody(client: FlaskClient, rung: list[UUID]) -> None:
    _, parts = take(client, many(3))
    age()

    jobs.ring_again()

    assert sorted(rung) == sorted(parts[:2] * 2)
    assert _claim(parts[2]) is None


def test_the_sum_names_what_failed(client: FlaskClient, rung: list[UUID]) -> None:
    parent, parts = take(client, many(3))
    for job_id, outcome in zip(parts, (DONE, REFUSED, DONE), strict=True):
        begun(job_id)
        finish(job_id, outcome)

    answer = client.get(f"{CLUSTER}/jobs/{parent}").json

    assert (answer["state"], answer["code"]) == ("failed", "parts_failed")
    assert answer["message"] == "2 of 3 done; failed: host-2 (auth_failed)"
    assert answer["parts"] == {"total": 3, "queued": 0, "running": 0, "succeeded": 2, "failed": 1, "cancelled": 0}
    assert [part["state"] for part in answer["children"]] == ["succeeded", "failed", "succeeded"]
    assert answer["children"][1]["message"] == REFUSED.message
    assert answer["result"]["failed"] == [{"jobId": str(parts[1]), "name": "host-2", "code": "auth_failed"}]


def test_a_cancel_ends_those_that_wait_and_asks_those_that_run(client: FlaskClient, rung: list[UUID]) -> None:
    parent, parts = take(client, many(4))
    begun(parts[0])

    client.post(f"{CLUSTER}/jobs/{parent}/cancel")

    states = [jobs.get_job(job_id).state for job_id in parts]
    assert states == ["running", "cancelled", "cancelled", "cancelled"]
    assert jobs.get_job(parts[0]).cancel_asked
    assert jobs.get_job(parent).state == "running"
    finish(parts[0], DONE)
    job = jobs.get_job(parent)
    assert (job.state, job.message) == ("cancelled", "1 of 4 done; 3 cancelled")
    assert rung == parts[:2]


def test_the_cancel_of_one_lets_the_others_go_on(client: FlaskClient, rung: list[UUID]) -> None:
    parent, parts = take(client, many(3))

    client.post(f"{CLUSTER}/jobs/{parts[0]}/cancel")

    assert rung == parts
    assert jobs.get_job(parent).state == "running"


def test_whoever_died_before_the_next_began_is_made_up_for(
    client: FlaskClient, rung: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, parts = take(client, many(3))
    with monkeypatch.context() as dying:
        dying.setattr("app.services.jobs.ending.go_on", lambda _: None)
        finish(parts[0], DONE)
        finish(parts[1], DONE)
    assert rung == parts[:2]
    age()

    jobs.ring_again()

    assert rung == parts


def test_each_login_is_sealed_for_its_own_machine(client: FlaskClient, rung: list[UUID]) -> None:
    rows = "host,port,password\nhost-1,22,\nhost-2,2222,its own\n"
    keys = {"host-1:22": KEY, "host-2:2222": KEY}
    _, parts = take(client, {"csv": rows, "fingerprints": keys, "password": "open sesame"})

    orders = [order_of(jobs.get_job(job_id).target) for job_id in parts]
    found = [envelope.read(job_id, binding(order)) for job_id, order in zip(parts, orders, strict=True)]
    assert found == [Login(password="open sesame"), Login(password="its own")]


def test_a_retry_does_only_what_did_not_succeed_again(client: FlaskClient, rung: list[UUID]) -> None:
    parent, parts = take(client, many(3))
    assert client.post(f"{CLUSTER}/jobs/{parent}/retry", json={"password": "x"}).status_code == 400
    for job_id, outcome in zip(parts, (DONE, REFUSED, DONE), strict=True):
        finish(job_id, outcome)

    again = client.post(f"{CLUSTER}/jobs/{parent}/retry", json={"password": "another"}).json

    assert [job["nodeId"] for job in again["jobs"]] == ["host-2"]
    target = jobs.get_job(UUID(again["jobs"][0]["jobId"])).target
    assert envelope.read(UUID(again["jobs"][0]["jobId"]), binding(order_of(target))) == Login(password="another")


def test_lists_leave_parts_out_on_request_and_find_those_of_one_job(client: FlaskClient, rung: list[UUID]) -> None:
    parent, parts = take(client, many(3))

    whole = client.get(f"{CLUSTER}/jobs?whole=true").json["jobs"]
    of_it = client.get(f"{CLUSTER}/jobs?parent={parent}").json["jobs"]

    assert [(job["id"], job["about"], job["parts"]["total"]) for job in whole] == [(str(parent), "3 machines", 3)]
    assert {job["id"] for job in of_it} == {str(job_id) for job_id in parts}


def test_a_request_for_many_is_one_entry_of_the_audit_log(client: FlaskClient, rung: list[UUID]) -> None:
    parent, _ = take(client, many(3))

    [entry] = db.session.query(AuditEntry)

    assert (entry.action, entry.target) == ("job.deploy_many", "3 machines")
    assert entry.detail == {"jobId": str(parent), "nodes": ["host-1", "host-2", "host-3"]}


def test_without_redis_all_parts_end_and_none_is_left(
    client: FlaskClient, rung: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("Redis does not answer")

    monkeypatch.setattr(envelope, "put", away)

    assert client.post(DEPLOY, json=many(3)).status_code == 503
    found = jobs.list_jobs().jobs
    assert ({job.state for job in found}, len(found), rung) == ({"failed"}, 4, [])


def test_a_message_for_the_job_of_all_does_nothing(client: FlaskClient, rung: list[UUID]) -> None:
    parent, _ = take(client, many(1))

    jobs.run_job(parent)

    assert (jobs.get_job(parent).state, jobs.get_job(parent).attempt) == ("running", 0)
    jobs.cancel(parent, SYSTEM)
    assert jobs.get_job(parent).state == "cancelled"
