"""Each heartbeat proves whose it is, in the statement that writes it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from app.domain.errors import CredentialRefused
from app.domain.identity.actor import SYSTEM
from app.domain.nodes.heartbeat import Heartbeat
from app.extensions import HEARTBEATS, db
from app.services import audit_log, heartbeats, nodes
from app.services.admission import misuse
from tests.fleet import CLUSTER, Fleet
from tests.people import bearer, credential


def beat(app: Flask, node_id: str, presented: str | None, **said: Any) -> Any:
    headers = bearer(presented) if presented else {}
    return app.test_client().post(f"{CLUSTER}/heartbeat/{node_id}", json=said, headers=headers)


def change(app: Flask, assignment: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(f"UPDATE node_credentials SET {assignment}"))  # noqa: S608 - our own tests


def test_a_node_beats_with_its_own_credential_in_the_header_or_the_path(guarded: Flask, fleet: Fleet) -> None:
    fleet.add()
    presented = credential("mac-mini")

    assert beat(guarded, "mac-mini", presented, cpuUsage=0.5).status_code == 200
    in_path = guarded.test_client().post(f"/w/{presented}{CLUSTER}/heartbeat/mac-mini")
    assert in_path.status_code == 200
    assert fleet.node().cpu_usage == 0.5


def test_no_node_can_beat_for_another_one(guarded: Flask, fleet: Fleet) -> None:
    names = [f"node-{number}" for number in range(8)]
    for name in names:
        fleet.add(name)
    owned = {name: credential(name) for name in names}

    statuses = [
        beat(guarded, name, owned[other], cpuUsage=0.9).status_code
        for name in names
        for other in names
        if name != other
    ]

    assert statuses == [403] * 56
    assert {fleet.stored(name, "cpu_usage") for name in names} == {None}
    assert all(beat(guarded, name, owned[name]).status_code == 200 for name in names)


def test_a_credential_used_for_another_node_is_written_down_once_an_hour(guarded: Flask, fleet: Fleet) -> None:
    fleet.add("node-1")
    own, thief = credential("node-1"), credential("node-2")
    client = guarded.test_client()

    def used(*, path: str = "heartbeat/node-1", **body: Any) -> str:
        answer = client.post(f"{CLUSTER}/{path}", json=body, headers=bearer(thief))
        assert (answer.status_code, answer.json["code"]) == (403, "not_permitted")
        return str(answer.headers["X-Request-Id"])

    first = used()
    for _ in range(3):
        used()
    used(path="register", nodeId="node-1", host="h", port=1)
    used(path="nodes/node-1/credential", secretHash="0" * 64)
    assert beat(guarded, "node-1", own).status_code == 200

    entries = audit_log.search("node-2", None, 50)
    assert [(one.action, one.actor_id, one.target, one.result) for one in reversed(entries)] == [
        ("node.heartbeat", "node-2", "node-1", "refused"),
        ("node.register", "node-2", "node-1", "refused"),
        ("credential.renew", "node-2", "node-1", "refused"),
    ]
    assert (entries[-1].request_id, entries[-1].address) == (first, "127.0.0.1")


def test_one_credential_cannot_fill_the_audit_log(
    guarded: Flask, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.add("thief")
    presented = credential("thief")
    monkeypatch.setattr(misuse, "MOST", 3)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: beat(guarded, f"node-{number % 8}", presented).status_code, range(40)))

    assert answers == [403] * 40
    assert len(audit_log.search("node.heartbeat", None, 50)) == 3
    monkeypatch.setattr(misuse, "WINDOW", timedelta())  # an hour later
    beat(guarded, "node-0", presented)
    assert len(audit_log.search("node.heartbeat", None, 50)) == 4
    assert audit_log.verify().whole


def test_without_a_credential_it_is_told_how_to_join(guarded: Flask, fleet: Fleet) -> None:
    fleet.add()
    answer = beat(guarded, "mac-mini", None)

    assert (answer.status_code, answer.json["code"]) == (401, "credential_missing")
    assert "join token" in answer.json["error"]


@pytest.mark.parametrize(
    ("assignment", "status", "code"),
    [
        ("revoked_at = now(), revoked_because = 'revoked'", 401, "credential_revoked"),
        ("revoked_at = now(), revoked_because = 'replaced'", 401, "credential_revoked"),
        ("expires_at = now() - interval '1 s'", 401, "credential_expired"),
        ("fingerprint = sha256('other')", 401, "credential_unknown"),
    ],
)
def test_a_credential_that_does_not_count_is_refused_with_its_cause(
    guarded: Flask, fleet: Fleet, assignment: str, status: int, code: str
) -> None:
    fleet.add()
    presented = credential("mac-mini")
    change(guarded, assignment)

    answer = beat(guarded, "mac-mini", presented)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    register = guarded.test_client().post(
        f"{CLUSTER}/register", json={"nodeId": "mac-mini", "host": "h", "port": 1}, headers=bearer(presented)
    )
    assert (register.status_code, register.json["code"]) == (status, code)


def test_a_revocation_counts_with_the_very_next_heartbeat(guarded: Flask, fleet: Fleet) -> None:
    fleet.add()
    presented = credential("mac-mini")
    assert beat(guarded, "mac-mini", presented).status_code == 200

    change(guarded, "revoked_at = now(), revoked_because = 'revoked'")
    revoked = time.monotonic()

    assert beat(guarded, "mac-mini", presented).status_code == 401
    assert time.monotonic() - revoked <= 1


def test_a_removed_node_cannot_return_with_its_old_credential(guarded: Flask, fleet: Fleet) -> None:
    fleet.add()
    presented = credential("mac-mini")
    nodes.remove_node(SYSTEM, "mac-mini")

    assert beat(guarded, "mac-mini", presented).status_code == 410
    said = {"nodeId": "mac-mini", "host": "h", "port": 1}
    register = guarded.test_client().post(f"{CLUSTER}/register", json=said, headers=bearer(presented))
    assert (register.status_code, register.json["code"]) == (410, "node_removed")


def test_a_credential_is_renewed_in_time_and_the_old_one_counts_until_the_new_one_is_used(
    guarded: Flask, fleet: Fleet
) -> None:
    fleet.add()
    old = credential("mac-mini")
    change(guarded, "created_at = now() - interval '17 h', expires_at = now() + interval '7 h'")
    assert beat(guarded, "mac-mini", old).json["renew"] is True
    new = credential("mac-mini")

    assert beat(guarded, "mac-mini", old).status_code == 200
    assert "renew" not in beat(guarded, "mac-mini", new).json
    assert beat(guarded, "mac-mini", old).json["code"] == "credential_revoked"


def test_with_sign_in_off_nothing_of_this_is_looked_at(app: Flask, fleet: Fleet) -> None:
    fleet.add()

    assert beat(app, "mac-mini", "mnc_made-up").status_code == 200


def test_a_crowd_without_valid_credentials_costs_a_batch_as_many_statements_as_one_machine(
    guarded: Flask, fleet: Fleet
) -> None:
    def statements(crowd: int) -> int:
        arrivals = [
            heartbeats.Arrival(
                f"stranger-{crowd}-{number}", Heartbeat(), bytes([number % 2]) * 32 * (number % 3), "10.0.0.9"
            )
            for number in range(crowd)
        ]
        with db.engines[HEARTBEATS].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            event.listen(connection, "before_cursor_execute", lambda *_: sent.append(_[2]))
            sent: list[str] = []
            answers, _ = heartbeats.write_beats(connection, arrivals)
        assert all(isinstance(answer, CredentialRefused) and answer.more["refusal"] for answer in answers)
        return len(sent)

    del guarded, fleet
    assert statements(100) == statements(1)
