"""Nobody speaks for a node that is not theirs, nobody gets in twice, nobody forges, nobody guesses."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app.api.auth import CSRF_HEADER
from app.api.policy import policies_of
from app.domain.identity.permissions import Policy
from app.gateways import password_hash, task_queue
from app.models import NodeCredential
from app.services import audit_log
from tests.fleet import CLUSTER, Fleet
from tests.identity.accounts import attempt, make_person
from tests.identity.test_audit_coverage import changing
from tests.identity.test_policies import address
from tests.joining import Machine, join_token
from tests.kit.proof import Proof
from tests.people import bearer, browser, credential, token

FORGERIES = {
    "no token": {},
    "a wrong token": {CSRF_HEADER: "0" * 64},
    "another site": {"Origin": "https://evil.example"},
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
}


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch, settings_with: Callable[..., None]) -> None:
    """Jobs are asked for, and nobody waits long for their end."""
    monkeypatch.setattr(task_queue, "send_job", lambda _job_id: None)
    settings_with(answer_within=0.01)


def test_no_node_beats_for_another(guarded: Flask, fleet: Fleet, proof: Proof) -> None:
    names = [f"node-{number}" for number in range(proof.count(full=20, small=5))]
    owned = {name: credential(fleet.add(name).node_id) for name in names}
    client = guarded.test_client()

    answers = [
        client.post(f"{CLUSTER}/heartbeat/{name}", json={"cpuUsage": 0.9}, headers=bearer(owned[other])).status_code
        for name in names
        for other in names
        if name != other
    ]
    assert set(answers) == {403}
    assert {fleet.stored(name, "cpu_usage") for name in names} == {None}
    proof.row("Heartbeats with the credential of another node", "380/380 refused", f"{len(answers)}/{len(answers)}")


def test_one_of_many_machines_wins_a_join_token(guarded: Flask, proof: Proof) -> None:
    count = proof.count(full=50, small=12)
    once = join_token()
    machines = [Machine(guarded, f"node-{number}", address=f"10.0.1.{number}") for number in range(count)]

    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda machine: machine.join(once).status_code, machines))

    assert sorted(answers) == [200, *[403] * (count - 1)]
    assert NodeCredential.query.count() == 1
    assert audit_log.verify().whole
    proof.row("Parallel uses of one join token", "50 tries, one wins", f"{count} tries, {answers.count(200)} won")


def test_a_revoked_credential_counts_no_more_at_once(guarded: Flask, fleet: Fleet, proof: Proof) -> None:
    operator, client = token("operator"), guarded.test_client()
    taken = []
    for number in range(proof.count(full=50, small=3)):
        node_id = fleet.add(f"node-{number}").node_id
        own, path = bearer(credential(node_id)), f"{CLUSTER}/heartbeat/{node_id}"
        assert client.post(path, headers=own).status_code == 200
        begun = time.monotonic()
        assert client.delete(f"/api/nodes/{node_id}/credentials", headers=operator).status_code == 200
        assert client.post(path, headers=own).status_code == 401
        taken.append(time.monotonic() - begun)
    assert max(taken) <= 1
    proof.row(
        "From asking to revoke until a heartbeat is refused",
        "<= 1 s",
        f"{max(taken):.3f} s, the longest of {len(taken)}",
    )


def test_every_change_refuses_forgeries(guarded: Flask, proof: Proof) -> None:
    person, tried = browser(guarded, "admin"), 0
    for rule, verb in changing(guarded):
        policies = policies_of(guarded, rule.endpoint)
        for kind, headers in FORGERIES.items():
            if policies & {Policy.PUBLIC, Policy.NODE_IN_BATCH} and kind != "another site":
                continue  # no cookie counts there
            answer = person.client.open(address(rule), method=verb, data=b"a=b", headers=headers)
            assert answer.status_code == 403, (verb, rule, kind)
            tried += 1
    assert person.client.get("/api/session").json["signedIn"]
    proof.row("Changes that a page of another site would forge, 4 ways", "all refused", f"{tried}/{tried}")


def test_few_guesses_are_looked_at(guarded: Flask, monkeypatch: pytest.MonkeyPatch, proof: Proof) -> None:
    evaluated: list[str] = []
    monkeypatch.setattr(password_hash, "matches", lambda _hash, said: evaluated.append(said) or False)
    make_person(name="ada")
    count = proof.count(full=1000, small=40)

    def guess(number: int) -> int:
        return attempt(guarded, "ada", f"guess-{number}", address=f"10.1.{number // 250}.{number % 250}").status_code

    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(count)))
    taken = time.monotonic() - begun
    assert taken < 60
    assert len(evaluated) <= 5
    assert answers.count(429) == count - len(evaluated)
    proof.row(
        "Guesses of one account's password within a minute, from as many addresses",
        "1,000 guesses, <= 5 evaluated",
        f"{count} in {taken:.0f} s, {len(evaluated)} evaluated",
    )
