"""A join token makes a machine a node, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.models import AuditEntry, JoinToken, NodeCredential, Refusal
from app.services import nodes
from tests.fleet import Fleet
from tests.joining import Machine, hash_of, join_token
from tests.people import bearer, token


def test_a_machine_joins_registers_and_beats(guarded: Flask) -> None:
    machine = Machine(guarded)

    answer = machine.join(join_token())

    assert answer.status_code == 200
    assert answer.json["nodeId"] == "mac-mini"
    assert datetime.fromisoformat(answer.json["expiresAt"]) > datetime.now(UTC) + timedelta(hours=23)
    assert machine.register().status_code == 200
    assert machine.beat().status_code == 200


def test_of_50_parallel_uses_of_one_token_one_wins(guarded: Flask) -> None:
    shown = join_token()
    machines = [Machine(guarded, f"node-{number}") for number in range(50)]

    def join(machine: Machine) -> int:
        status: int = machine.join(shown).status_code
        return status

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(join, machines))

    assert sorted(statuses) == [200] + [403] * 49
    assert db.session.query(NodeCredential).count() == 1


def test_a_repeat_after_a_lost_answer_is_the_same_join(guarded: Flask) -> None:
    machine, shown = Machine(guarded), join_token()

    first, again = machine.join(shown), machine.join(shown)

    assert first.json == again.json
    assert db.session.query(NodeCredential).count() == 1
    assert db.session.query(JoinToken).one().uses_left == 0


def test_a_refusal_has_its_cause_a_way_out_and_a_code_that_people_find(guarded: Flask) -> None:
    shown = join_token()
    Machine(guarded, "first").join(shown)

    answer = Machine(guarded, "second").join(shown)

    assert (answer.status_code, answer.json["code"], answer.json["cause"]) == (403, "join_refused", "spent")
    assert answer.json["waitingRoom"] is False
    found = guarded.test_client().get("/api/refusals?q=second spent", headers=token("operator")).json["refusals"]
    assert [(one["code"], one["nodeId"], one["address"]) for one in found] == [
        (answer.json["refusal"], "second", "10.0.0.7")
    ]
    assert answer.json["refusal"] in answer.json["error"]


def test_an_expired_token_and_a_clock_that_is_off_are_told_apart(guarded: Flask) -> None:
    shown = join_token()
    db.session.execute(text("UPDATE join_tokens SET expires_at = now() - interval '1 min'"))
    db.session.commit()
    late = {"Date": format_datetime(datetime.now(UTC) - timedelta(minutes=10), usegmt=True)}

    assert Machine(guarded).join(shown).json["cause"] == "expired"
    assert Machine(guarded).join(shown, headers=late).json["cause"] == "clock_off"


@pytest.mark.parametrize(
    ("wanted", "cause"),
    [({"name_pattern": "gpu-*"}, "wrong_name"), ({"capabilities": ("voice",)}, "wrong_capabilities")],
)
def test_a_token_is_good_for_what_it_was_made_for(guarded: Flask, wanted: dict[str, object], cause: str) -> None:
    assert Machine(guarded).join(join_token(**wanted), capabilities=["gpu"]).json["cause"] == cause
    assert db.session.query(JoinToken).one().uses_left == 1


def test_a_node_id_that_is_taken_can_only_be_replaced_by_name(guarded: Flask) -> None:
    first, second = Machine(guarded), Machine(guarded)
    first.join(join_token())
    first.register()

    assert second.join(join_token()).json["cause"] == "node_exists"
    assert second.join(join_token(name_pattern="mac-mini")).json["cause"] == "node_exists"
    assert second.join(join_token(replace=True)).json["cause"] == "node_exists"
    assert first.beat().status_code == 200
    assert second.join(join_token(name_pattern="mac-mini", replace=True)).status_code == 200
    assert first.beat().json["code"] == "credential_revoked"
    assert second.beat().status_code == 200


def test_a_removed_node_returns_with_a_new_token_only(guarded: Flask) -> None:
    old, new = Machine(guarded), Machine(guarded)
    shown = join_token(uses=2)
    old.join(shown)
    old.register()
    nodes.remove_node(SYSTEM, "mac-mini")

    assert old.join(shown).json["cause"] == "removed"
    assert old.beat().status_code == 410
    assert new.join(shown).status_code == 200
    assert new.register().status_code == 200


def test_a_node_registers_for_nobody_else(guarded: Flask, fleet: Fleet) -> None:
    fleet.add("other", host="10.0.0.1")
    machine = Machine(guarded)
    machine.join(join_token())

    assert machine.register(nodeId="other", host="10.6.6.6").status_code == 403
    assert fleet.node("other").host == "10.0.0.1"


def test_capabilities_beyond_the_token_are_left_out_and_said_so(guarded: Flask, fleet: Fleet) -> None:
    machine = Machine(guarded)
    machine.join(join_token(capabilities=("voice",)), capabilities=["voice"])

    assert machine.register(capabilities=["gpu", "voice"]).json["capabilities"] == ["voice"]
    assert "capabilities_dropped" in fleet.reasons()


def test_a_person_may_still_register_by_hand(guarded: Flask) -> None:
    said = {"nodeId": "by-hand", "host": "10.0.0.9", "port": 3101, "manual": True, "capabilities": ["gpu"]}
    answer = guarded.test_client().post("/api/engine/cluster/register", json=said, headers=token("operator"))

    assert (answer.status_code, answer.json["capabilities"]) == (200, ["gpu"])


def test_joins_and_refused_ones_are_in_the_audit_log_without_a_secret(guarded: Flask) -> None:
    machine, shown = Machine(guarded), join_token()
    machine.join(shown)
    for _ in range(3):
        Machine(guarded, "second").join(shown)

    entries = [e for e in db.session.query(AuditEntry).order_by(AuditEntry.id) if e.action == "node.join"]
    assert [(e.target, e.result, e.address) for e in entries] == [
        ("mac-mini", "done", "10.0.0.7"),
        ("second", "refused", "10.0.0.7"),
    ]
    assert shown not in str([e.detail for e in entries])


def test_refusals_cannot_fill_the_table(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.admission.refusals.MOST", 5)
    for number in range(9):
        Machine(guarded, f"node-{number}").join()

    assert db.session.query(Refusal).count() == 5
    assert db.session.query(Refusal).filter_by(node_id="node-8").count() == 1


class TestRenewing:
    """Every answer may be lost; the node is never locked out."""

    @pytest.fixture
    def machine(self, guarded: Flask) -> Machine:
        machine = Machine(guarded)
        machine.join(join_token())
        machine.register()
        machine.beat()
        return machine

    def test_the_next_credential_takes_over_with_its_first_use(self, machine: Machine) -> None:
        old, new = machine.secret, "mnc_next"
        assert machine.renew(new).status_code == 200
        assert machine.beat().status_code == 200
        machine.secret = new
        assert machine.beat().status_code == 200
        machine.secret = old
        assert machine.beat().json["code"] == "credential_revoked"

    def test_a_repeat_with_the_same_secret_is_the_same_renewal(self, machine: Machine) -> None:
        assert machine.renew("mnc_next").json == machine.renew("mnc_next").json

    def test_another_secret_withdraws_the_one_that_was_never_used(self, machine: Machine) -> None:
        machine.renew("mnc_lost")
        machine.renew("mnc_next")
        machine.secret = "mnc_lost"
        assert machine.beat().status_code == 401
        machine.secret = "mnc_next"
        assert machine.beat().status_code == 200

    @pytest.mark.parametrize(("days", "status"), [(1, 200), (89, 200), (91, 401)])
    def test_a_machine_that_was_off_over_the_holidays_comes_back(
        self, machine: Machine, days: int, status: int
    ) -> None:
        values = {"past": timedelta(days=days)}
        db.session.execute(text("UPDATE node_credentials SET expires_at = now() - :past"), values)
        db.session.commit()

        assert machine.beat().json["code"] == "credential_expired"
        assert machine.renew("mnc_next").status_code == status

    def test_a_revoked_credential_renews_nothing(self, guarded: Flask, machine: Machine) -> None:
        path = "/api/nodes/mac-mini/credentials"
        assert guarded.test_client().delete(path, headers=token("operator")).json == {"revoked": 1}
        assert machine.renew("mnc_next").json["code"] == "credential_revoked"

    @pytest.mark.usefixtures("machine")
    def test_nobody_renews_for_another_node(self, guarded: Flask) -> None:
        other = Machine(guarded, "other")
        other.join(join_token())
        other.node_id = "mac-mini"
        assert other.renew("mnc_next").status_code == 403

    @pytest.mark.usefixtures("machine")
    def test_without_a_credential_nothing_is_renewed(self, guarded: Flask) -> None:
        path = "/api/engine/cluster/nodes/mac-mini/credential"
        answer = guarded.test_client().post(path, json={"secretHash": hash_of("x")}, headers=bearer(""))
        assert (answer.status_code, answer.json["code"]) == (401, "credential_missing")
