"""A deploy that ended is asked for again: the same order, the login once more, a job of its own."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.deploying.request import AgentOrder, DeployOrder
from app.domain.deploying.ssh import Login
from app.domain.identity.actor import SYSTEM
from app.gateways import envelope
from app.services import deploying, jobs
from app.services.deploying.asking import binding, order_of
from tests.fleet import CLUSTER, Fleet, run_job

ORDER = DeployOrder("host-1", "root", "SHA256:" + "A" * 43, "node-1", 2222, agents=(AgentOrder("a-1"),))
LOGIN = {"password": "open sesame"}

pytestmark = pytest.mark.usefixtures("sent")


@pytest.fixture
def first(app: Flask, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A deploy that nobody carries out."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], secret_key="k" * 32))
    return deploying.request_deploy(ORDER, Login(**LOGIN), "http://127.0.0.1:3100", SYSTEM)


def test_a_retry_is_a_new_job_for_the_same_order_with_the_login_that_came_now(client: FlaskClient, first: UUID) -> None:
    jobs.cancel(first, SYSTEM)

    answer = client.post(f"{CLUSTER}/jobs/{first}/retry", json={"password": "another"})

    assert (answer.status_code, answer.json["nodeId"]) == (202, "node-1"), answer.json
    again = jobs.get_job(UUID(answer.json["jobId"]))
    assert (again.id != first, again.state, order_of(again.target)) == (True, "queued", ORDER)
    assert envelope.read(again.id, binding(ORDER)) == Login(password="another")


def test_a_retry_may_confirm_another_host_key(client: FlaskClient, first: UUID) -> None:
    jobs.cancel(first, SYSTEM)
    confirmed = "SHA256:" + "B" * 43

    answer = client.post(f"{CLUSTER}/jobs/{first}/retry", json={**LOGIN, "fingerprint": confirmed})

    assert order_of(jobs.get_job(UUID(answer.json["jobId"])).target).fingerprint == confirmed


def test_a_deploy_that_goes_on_is_not_retried(client: FlaskClient, first: UUID) -> None:
    answer = client.post(f"{CLUSTER}/jobs/{first}/retry", json=LOGIN)

    assert (answer.status_code, answer.json["code"], answer.json["jobId"]) == (409, "deploy_running", str(first))


def test_what_is_no_deploy_or_has_no_login_is_not_retried(client: FlaskClient, fleet: Fleet, first: UUID) -> None:
    fleet.add("node-2")
    ping = jobs.request_ping("node-2", SYSTEM)

    assert client.post(f"{CLUSTER}/jobs/{ping}/retry", json=LOGIN).status_code == 400
    assert client.post(f"{CLUSTER}/jobs/{uuid4()}/retry", json=LOGIN).status_code == 404
    assert client.post(f"{CLUSTER}/jobs/{first}/retry", json={}).json["fields"].keys() == {"privateKey"}


def test_machines_behind_one_address_are_told_apart_by_their_ports(first: UUID) -> None:
    other = replace(ORDER, port=2223, node_id="node-2")

    assert deploying.request_deploy(other, Login(**LOGIN), "http://127.0.0.1:3100", SYSTEM) != first


def test_the_login_is_forgotten_with_the_end_of_a_job_that_nobody_ran(first: UUID) -> None:
    assert envelope.read(first, binding(ORDER)) == Login(**LOGIN)

    jobs.cancel(first, SYSTEM)

    assert envelope.read(first, binding(ORDER)) is None


def test_a_deploy_whose_login_vanished_ends_and_says_what_to_do(app: Flask, first: UUID) -> None:
    app.extensions["redis_client"].flushdb()

    job = run_job(first)

    assert (job.state, job.code, job.advice) == ("failed", "credential_expired", "Retry with the key")
