"""API tokens: what scripts present."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.extensions import db
from app.models import ApiToken
from tests.identity.accounts import age, audited
from tests.people import Browser, bearer, browser, token

DAY = 86_400
NODES = "/api/engine/cluster/nodes"


@pytest.fixture
def operator(guarded: Flask) -> Browser:
    return browser(guarded, "operator")


def make(person: Browser, **said: Any) -> Any:
    return person.send("POST", "/api/tokens", json={"name": "ci", "role": "viewer", "expiresInDays": 30, **said})


def listed(person: Browser, query: str = "") -> list[Any]:
    found: list[Any] = person.client.get(f"/api/tokens?q={query}").json["tokens"]
    return found


def test_a_token_is_shown_once_and_stored_as_a_hash(guarded: Flask, operator: Browser) -> None:
    made = make(operator)
    assert made.status_code == 201
    secret = made.json["secret"]

    assert [{**one, "secret": secret} for one in listed(operator)] == [made.json]
    assert secret.startswith("mst_")
    assert secret.encode() not in bytes(db.session.query(ApiToken.fingerprint).scalar())
    assert guarded.test_client().get(NODES, headers=bearer(secret)).status_code == 200
    assert listed(operator)[0]["lastUsedAt"]
    assert ("token.create", made.json["id"], "done") in audited()


def test_a_token_may_not_more_than_its_maker(operator: Browser) -> None:
    answer = make(operator, role="admin")

    assert (answer.status_code, answer.json["code"]) == (403, "not_permitted")


@pytest.mark.parametrize("said", [{"expiresInDays": 0}, {"expiresInDays": 366}, {"role": "node"}, {"name": ""}])
def test_a_token_without_an_end_a_role_or_a_name_is_refused(operator: Browser, said: dict[str, Any]) -> None:
    assert make(operator, **said).status_code == 400


def test_a_token_ends_on_its_day(guarded: Flask, operator: Browser) -> None:
    client, headers = guarded.test_client(), bearer(make(operator).json["secret"])

    age("api_tokens", "expires_at", 30 * DAY - 60)
    assert client.get(NODES, headers=headers).status_code == 200
    age("api_tokens", "expires_at", 61)
    assert client.get(NODES, headers=headers).status_code == 401


def test_a_revoked_token_is_refused_with_its_next_request(guarded: Flask, operator: Browser) -> None:
    made = make(operator).json
    assert operator.send("DELETE", f"/api/tokens/{made['id']}").json == {"revoked": True}

    assert guarded.test_client().get(NODES, headers=bearer(made["secret"])).status_code == 401
    assert listed(operator)[0]["revokedAt"]
    operator.send("DELETE", f"/api/tokens/{made['id']}")
    assert [action for action, *_ in audited()].count("token.revoke") == 1


def test_operators_see_and_revoke_their_own_and_admins_all(guarded: Flask, operator: Browser) -> None:
    other, admin = browser(guarded, "operator"), browser(guarded, "admin")
    mine, theirs = make(operator).json["id"], make(other, name="deploys").json["id"]

    assert [found["id"] for found in listed(operator)] == [mine]
    assert [found["id"] for found in listed(admin)] == [theirs, mine]
    assert [found["id"] for found in listed(admin, "DEPLOY")] == [theirs]
    assert operator.send("DELETE", f"/api/tokens/{theirs}").status_code == 404
    assert admin.send("DELETE", f"/api/tokens/{mine}").status_code == 200
    assert admin.send("DELETE", f"/api/tokens/{uuid4()}").json["code"] == "unknown_token"


def test_a_stolen_token_cannot_make_itself_successors(guarded: Flask) -> None:
    body = {"name": "next", "role": "viewer", "expiresInDays": 365}

    assert guarded.test_client().post("/api/tokens", json=body, headers=token("admin")).status_code == 403


def test_a_token_needs_no_csrf_token_and_says_whose_it_is(guarded: Flask, operator: Browser) -> None:
    secret = make(operator, role="operator").json["secret"]
    client = guarded.test_client()

    assert client.delete(f"{NODES}/node-1", headers=bearer(secret)).status_code == 404
    told = client.get("/api/session", headers=bearer(secret)).json
    assert (told["user"]["role"], told["csrfToken"]) == ("operator", "")
