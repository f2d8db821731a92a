"""Join tokens and credentials as operators handle them."""

import shlex
from typing import Any

import pytest
from flask import Flask

from app.cli import join_token as command
from app.extensions import db
from app.models import AuditEntry, JoinToken
from tests.fleet import Fleet
from tests.joining import Machine, join_token
from tests.people import token


class Operator:
    """An operator's script."""

    def __init__(self, app: Flask) -> None:
        self.client, self.headers = app.test_client(), token("operator")

    def ask(self, method: str, path: str, **options: Any) -> Any:
        return self.client.open("/api" + path, method=method, headers=self.headers, **options)


@pytest.fixture
def operator(guarded: Flask) -> Operator:
    return Operator(guarded)


def test_a_token_is_shown_once_with_the_line_that_uses_it(operator: Operator, guarded: Flask) -> None:
    made = operator.ask("POST", "/join-tokens", json={"namePattern": "gpu-1", "note": "for the lab"})

    assert made.status_code == 201
    assert made.json["command"] == (
        "curl -fsS http://localhost/worker.pyz -o worker.pyz"
        f" && echo '{made.json['secret']}' | python3 worker.pyz join http://localhost --node-id gpu-1"
    )
    listed = operator.ask("GET", "/join-tokens?q=lab").json["joinTokens"]
    assert [one["id"] for one in listed] == [made.json["id"]]
    assert made.json["secret"] not in str(listed)
    assert Machine(guarded, "gpu-1").join(made.json["secret"]).status_code == 200
    [used] = operator.ask("GET", "/join-tokens").json["joinTokens"]
    assert (used["usesLeft"], used["nodes"]) == (0, ["gpu-1"])


def test_a_token_for_any_machine_names_the_machine_by_its_own_name(operator: Operator) -> None:
    line = operator.ask("POST", "/join-tokens", json={}).json["command"]

    assert line.endswith('--node-id "$(hostname)"')
    assert shlex.split(line)


def test_a_revoked_token_lets_nobody_in_and_nodes_that_joined_stay(operator: Operator, guarded: Flask) -> None:
    made = operator.ask("POST", "/join-tokens", json={"uses": 2}).json
    first = Machine(guarded, "first")
    first.join(made["secret"])
    first.register()

    assert operator.ask("DELETE", f"/join-tokens/{made['id']}").json == {"revoked": True}

    assert Machine(guarded, "second").join(made["secret"]).json["cause"] == "revoked"
    assert first.beat().status_code == 200


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"namePattern": "a b"}, "namePattern"),
        ({"namePattern": "gpu-*", "replace": True}, "namePattern"),
        ({"uses": 0}, "uses"),
        ({"expiresInMinutes": 1441}, "expiresInMinutes"),
        ({"capabilities": ["$(x)"]}, "capabilities"),
    ],
)
def test_a_wrong_wish_is_refused_and_names_its_field(operator: Operator, said: dict[str, Any], field: str) -> None:
    answer = operator.ask("POST", "/join-tokens", json=said)

    assert (answer.status_code, list(answer.json["fields"])) == (400, [field])


def test_a_revoked_node_is_refused_with_its_next_heartbeat(operator: Operator, guarded: Flask) -> None:
    machine = Machine(guarded)
    machine.join(join_token())
    machine.register()
    [listed] = operator.ask("GET", "/nodes/mac-mini/credentials").json["credentials"]
    assert operator.ask("DELETE", f"/nodes/mac-mini/credentials/{listed['id']}").json == {"revoked": 1}

    assert machine.beat().json["code"] == "credential_revoked"
    found = operator.ask("GET", "/refusals?q=mac-mini").json["refusals"]
    assert [one["cause"] for one in found] == ["credential_revoked"]


def test_an_unmodified_agent_speaks_through_the_url_it_is_given(
    operator: Operator, guarded: Flask, fleet: Fleet
) -> None:
    fleet.add()
    made = operator.ask("POST", "/nodes/mac-mini/credentials", json={"kind": "url"})
    base = made.json["enterpriseUrl"].removeprefix("http://localhost")
    client = guarded.test_client()

    assert (made.status_code, made.json["expiresAt"]) == (201, None)
    assert client.post(f"{base}/api/engine/cluster/heartbeat/mac-mini", json={"agents": ["a-1"]}).status_code == 200
    said = {"nodeId": "mac-mini", "host": "10.0.0.1", "port": 3101}
    assert client.post(f"{base}/api/engine/cluster/register", json=said).status_code == 200
    assert client.post(f"{base}/api/engine/agent-status/a-1", json={"status": "idle"}).status_code == 200
    assert client.get(f"{base}/api/engine/cluster/nodes").status_code == 403


def test_an_agent_of_another_living_node_cannot_be_spoken_for(guarded: Flask, fleet: Fleet) -> None:
    fleet.add("other", agents=("a-1", "a-2"))
    machine = Machine(guarded)
    machine.join(join_token())
    path = "/api/engine/agent-status/"
    headers = {"Authorization": f"Bearer {machine.secret}"}

    assert machine.client.post(f"{path}a-1", json={}, headers=headers).status_code == 403
    assert machine.client.post(f"{path}nobodys", json={}, headers=headers).status_code == 200
    fleet.silence("other", 91)
    assert machine.client.post(f"{path}a-1", json={}, headers=headers).status_code == 200


def test_what_operators_do_is_in_the_audit_log(operator: Operator, guarded: Flask, fleet: Fleet) -> None:
    fleet.add()
    made = operator.ask("POST", "/join-tokens", json={}).json
    operator.ask("DELETE", f"/join-tokens/{made['id']}")
    operator.ask("POST", "/nodes/mac-mini/credentials", json={})
    operator.ask("DELETE", "/nodes/mac-mini/credentials")

    entries = [e for e in db.session.query(AuditEntry).order_by(AuditEntry.id) if e.actor_kind == "token"]
    assert [e.action for e in entries] == [
        "join-token.create",
        "join-token.revoke",
        "credential.issue",
        "credential.revoke",
    ]


def test_the_command_line_prints_the_secret_only(guarded: Flask) -> None:
    result = guarded.test_cli_runner().invoke(command, ["--node-id", "gpu-1", "--uses", "3", "--replace"])

    assert result.exit_code == 0
    assert Machine(guarded, "gpu-1").join(result.output.strip()).status_code == 200
    assert db.session.query(JoinToken).one().uses_left == 2


def test_the_command_line_refuses_to_replace_by_a_pattern(guarded: Flask) -> None:
    assert guarded.test_cli_runner().invoke(command, ["--replace"]).exit_code == 2


@pytest.mark.parametrize(
    ("path", "presented", "code"),
    [
        ("/register", "", "credential_missing"),
        ("/register", "mnc_made-up", "credential_unknown"),
        ("/heartbeat/gpu-1", "", "credential_missing"),
        ("/heartbeat/gpu-1", "mnc_made-up", "credential_unknown"),
    ],
)
def test_a_machine_that_is_turned_away_finds_its_code_in_the_list(
    operator: Operator, guarded: Flask, path: str, presented: str, code: str
) -> None:
    said = {"nodeId": "gpu-1", "host": "10.0.0.1", "port": 3101} if path == "/register" else {}
    headers = {"Authorization": f"Bearer {presented}"} if presented else {}
    answer = guarded.test_client().post(f"/api/engine/cluster{path}", json=said, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (401, code)
    [found] = operator.ask("GET", "/refusals").json["refusals"]
    assert (found["code"], found["nodeId"], found["cause"]) == (answer.json["refusal"], "gpu-1", code)
