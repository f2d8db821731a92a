"""The audit log can be searched by an admin, and a change of it shows."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM, Actor, ActorKind
from app.domain.identity.audit import BEGINNING
from app.extensions import db
from app.services import audit, audit_log, nodes
from app.services.transaction import transaction
from tests.fleet import Fleet
from tests.people import token

ANN = Actor(ActorKind.USER, "7", "Ann", address="10.0.0.7", request_id="req-1")


def write(count: int, by: Actor = ANN) -> None:
    for number in range(1, count + 1):
        with transaction():
            audit.record(by, "node.remove", f"node-{number}", detail={"n": number, "share": 0.5, "who": "Änn"})


def verify(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["verify-audit", *arguments])


def listed(app: Flask, **query: Any) -> dict[str, Any]:
    answer = app.test_client().get("/api/audit", query_string=query, headers=token("admin"))
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def test_an_entry_says_who_did_what_from_where(guarded: Flask) -> None:
    write(1)

    [entry] = listed(guarded)["entries"]
    assert entry["actor"] == {"kind": "user", "id": "7", "name": "Ann"}
    assert (entry["address"], entry["requestId"]) == ("10.0.0.7", "req-1")
    assert (entry["action"], entry["target"], entry["result"]) == ("node.remove", "node-1", "done")
    assert entry["detail"]["n"] == 1
    assert entry["at"].endswith("Z")


@pytest.mark.parametrize("words", ["ann", "NODE.rem", "node-2", "0.0.7", "req-1", "ann node-2", "  7  "])
def test_it_is_searched_in_who_what_where_and_which_request(guarded: Flask, words: str) -> None:
    write(3)
    write(2, SYSTEM)

    found = listed(guarded, q=words)["entries"]
    assert "node-2" in {entry["target"] for entry in found}
    assert all(entry["actor"]["name"] == "Ann" for entry in found) or words in ("NODE.rem", "node-2")


@pytest.mark.parametrize("words", ["%", "_ode", "\\", "bob", "ann bob"])
def test_what_occurs_nowhere_finds_nothing(guarded: Flask, words: str) -> None:
    write(2)

    assert listed(guarded, q=words)["entries"] == []


def test_it_is_read_page_by_page_newest_first(guarded: Flask) -> None:
    write(5)

    first = listed(guarded, limit=3)
    rest = listed(guarded, limit=3, before=first["nextBefore"])
    assert [entry["detail"]["n"] for entry in first["entries"] + rest["entries"]] == [5, 4, 3, 2, 1]
    assert rest["nextBefore"] is None


def test_only_an_admin_reads_it(guarded: Flask) -> None:
    assert guarded.test_client().get("/api/audit", headers=token("operator")).status_code == 403


def test_whatever_a_stranger_puts_into_a_path_is_one_line_that_fits(guarded: Flask) -> None:
    path = "/api/engine/agent-status/" + "%00%0A%1B" + "x" * 2000
    assert guarded.test_client().delete(f"/api/engine/cluster/nodes/{'x' * 60}%0A").status_code in (401, 404)
    assert guarded.test_client().post(path, headers=token("admin")).status_code == 403
    write(1)

    assert verify(guarded).exit_code == 0


def test_a_whole_chain_is_said_to_be_whole_with_its_last_hash(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "PER_TURN", 2)
    assert verify(app).output.startswith("0 entries, the chain is whole")
    write(5)

    result = verify(app)
    assert (result.exit_code, result.output.splitlines()[0]) == (0, "5 entries, the chain is whole")
    head = audit_log.verify().head
    assert head.hex() in result.output
    write(1)
    assert verify(app, "--expect", head.hex()).exit_code == 0


TAMPERING = {
    "the actor": ["UPDATE audit_log SET actor_name = 'Bob' WHERE id = ID3"],
    "the address": ["UPDATE audit_log SET address = '10.0.0.8' WHERE id = ID3"],
    "the target": ["UPDATE audit_log SET target = 'node-9' WHERE id = ID3"],
    "the time": ["UPDATE audit_log SET at = at + interval '1 us' WHERE id = ID3"],
    "the result": ["UPDATE audit_log SET result = 'refused' WHERE id = ID3"],
    "the detail": ["UPDATE audit_log SET detail = detail || '{\"n\": 4}' WHERE id = ID3"],
    "a hash": ["UPDATE audit_log SET hash = sha256('x') WHERE id = ID3"],
    "one removed": ["DELETE FROM audit_log WHERE id = ID3"],
    "the first removed": ["DELETE FROM audit_log WHERE id = ID1"],
    "two in another order": [
        "UPDATE audit_log SET id = -1 WHERE id = ID2",
        "UPDATE audit_log SET id = ID2 WHERE id = ID3",
        "UPDATE audit_log SET id = ID3 WHERE id = -1",
    ],
    "one repeated": [
        "INSERT INTO audit_log (at, actor_kind, actor_id, actor_name, address, action, target, result, detail,"
        " request_id, hash) SELECT at, actor_kind, actor_id, actor_name, address, action, target, result, detail,"
        " request_id, hash FROM audit_log WHERE id = ID3"
    ],
    "the end cut off": ["DELETE FROM audit_log WHERE id >= ID4"],
    "everything removed": ["DELETE FROM audit_log"],
}


@pytest.mark.parametrize("kind", TAMPERING)
def test_tampering_is_found(app: Flask, kind: str) -> None:
    write(5)
    noted = audit_log.verify().head.hex()
    assert verify(app, "--expect", noted).exit_code == 0

    with db.engine.begin() as connection:
        ids = connection.execute(text("SELECT array_agg(id ORDER BY id) FROM audit_log")).scalar_one()
        for statement in TAMPERING[kind]:
            connection.execute(text(re.sub(r"ID(\d)", lambda found: str(ids[int(found[1]) - 1]), statement)))

    assert verify(app, "--expect", noted).exit_code == 1


def test_a_log_that_was_written_anew_is_found(app: Flask) -> None:
    write(5)
    noted = audit_log.verify().head.hex()
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_log"))
    write(5)

    assert verify(app).exit_code == 0
    assert verify(app, "--expect", noted).exit_code == 1


def test_a_hash_that_is_none_is_refused_in_a_sentence(app: Flask) -> None:
    result = verify(app, "--expect", "xyz")

    assert result.exit_code == 2
    assert "64 hexadecimal digits" in result.output


def test_parallel_changes_make_one_unbroken_chain(app: Flask, fleet: Fleet) -> None:
    for number in range(50):
        fleet.add(f"node-{number}")

    def remove(number: int) -> None:
        with app.app_context():
            nodes.remove_node(ANN, f"node-{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(remove, range(50)))

    verdict = audit_log.verify()
    assert (verdict.entries, verdict.whole) == (100, True)
    assert verdict.head != BEGINNING


def test_a_change_that_is_rolled_back_leaves_no_entry(app: Flask) -> None:
    def fail() -> None:
        with transaction():
            audit.record(ANN, "node.remove", "node-1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert audit_log.verify().entries == 0


def test_a_row_has_the_id_that_is_in_the_answer(guarded: Flask) -> None:
    answer = guarded.test_client().delete("/api/engine/cluster/nodes/node-1", headers=token("viewer"))

    assert [entry["result"] for entry in listed(guarded, q=answer.headers["X-Request-Id"])["entries"]] == ["refused"]
