"""Every route lets in whom its policy names, and nobody else."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.api.policy import policies_of
from app.domain.identity.permissions import FOR_NODES, ROLE_FOR, Policy, Role
from app.extensions import db
from app.models import AuditEntry
from tests.people import bearer, browser, credential, token

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PERSONS = ("viewer", "operator", "admin")


def routes(app: Flask) -> Iterator[tuple[Rule, str, frozenset[Policy]]]:
    for rule in app.url_map.iter_rules():
        for verb in VERBS:
            if verb in (rule.methods or ()):
                yield rule, verb, policies_of(app, rule.endpoint)


def address(rule: Rule, node_id: str = "node-1") -> str:
    """A path that fits the rule."""
    fitting = {"uuid": "00000000-0000-0000-0000-000000000000", "int": "1"}
    named = {"node_id": node_id, "name": "x.js"}

    def value(found: re.Match[str]) -> str:
        kind, choices, name = found.groups()
        return choices.split(",")[0].strip("\"' ") if choices else fitting.get(kind) or named.get(name, "x")

    return re.sub(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>", value, rule.rule)


def lets_in(policies: frozenset[Policy], role: str) -> bool:
    return any(Role(role).covers(ROLE_FOR[p]) for p in policies if p in ROLE_FOR)


@pytest.fixture(autouse=True)
def no_views(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is let in finds an empty answer: this is about the door, not about what is behind it."""
    for endpoint, view in guarded.view_functions.items():
        stand_in = lambda **_: ("let in", 299)  # noqa: E731
        stand_in.policies = getattr(view, "policies", None)  # type: ignore[attr-defined]
        monkeypatch.setitem(guarded.view_functions, endpoint, stand_in)


def test_nobody_is_let_in_where_a_policy_wants_somebody(guarded: Flask) -> None:
    client = guarded.test_client()
    for rule, verb, policies in routes(guarded):
        status = client.open(address(rule), method=verb).status_code
        # What is proven in the batch is refused by its verb: test_heartbeat_credentials.py.
        wanted = 299 if policies & {Policy.PUBLIC, Policy.NODE_IN_BATCH} else 401
        assert status == wanted, (verb, rule)


@pytest.mark.parametrize("role", PERSONS)
def test_a_token_may_what_its_role_may(guarded: Flask, role: str) -> None:
    client, headers = guarded.test_client(), token(role)
    for rule, verb, policies in routes(guarded):
        if policies & {Policy.PUBLIC, Policy.NODE_IN_BATCH}:
            continue
        status = client.open(address(rule), method=verb, headers=headers).status_code
        assert status == (299 if lets_in(policies, role) else 403), (verb, rule)


@pytest.mark.parametrize("role", PERSONS)
def test_a_signed_in_person_may_what_the_role_may(guarded: Flask, role: str) -> None:
    person = browser(guarded, role)
    for rule, verb, policies in routes(guarded):
        if policies & {Policy.PUBLIC, Policy.NODE_IN_BATCH}:
            continue
        status = person.send(verb, address(rule)).status_code
        assert status == (299 if lets_in(policies, role) else 403), (verb, rule)


def test_a_node_may_only_what_is_for_its_own_node(guarded: Flask) -> None:
    client, headers = guarded.test_client(), bearer(credential("node-1"))
    for rule, verb, policies in routes(guarded):
        if policies & {Policy.PUBLIC, Policy.NODE_IN_BATCH}:
            continue
        own = client.open(address(rule, "node-1"), method=verb, headers=headers).status_code
        other = client.open(address(rule, "node-2"), method=verb, headers=headers).status_code
        assert own == (299 if policies & FOR_NODES else 403), (verb, rule)
        if "<node_id>" in rule.rule:
            assert other == 403, (verb, rule)


def test_an_operator_route_says_which_role_it_needs(guarded: Flask) -> None:
    answer = guarded.test_client().delete("/api/engine/cluster/nodes/node-1", headers=token("viewer"))

    assert answer.json["code"] == "not_permitted"
    assert answer.json["error"] == "This needs the operator role; you are a viewer"


def test_a_token_never_outgrows_its_owner(guarded: Flask) -> None:
    headers = token("admin", owner_role="viewer")

    assert guarded.test_client().delete("/api/engine/cluster/nodes/node-1", headers=headers).status_code == 403


def test_a_credential_in_front_of_the_path_counts_like_one_in_the_header(guarded: Flask) -> None:
    client = guarded.test_client()

    assert client.post(f"/w/{credential('node-1')}/api/engine/cluster/register").status_code == 299
    assert client.post("/w/mnc_made-up/api/engine/cluster/register").status_code == 401


def test_a_refused_change_is_in_the_audit_log(guarded: Flask) -> None:
    guarded.test_client().delete("/api/engine/cluster/nodes/node-1", headers=token("viewer"))

    [entry] = db.session.query(AuditEntry)
    assert (entry.actor_kind, entry.result, entry.target) == ("token", "refused", "/api/engine/cluster/nodes/node-1")
