"""Accepted calls that change who may come in: nodes that join, people who sign in, and what lets them."""

from typing import Any
from uuid import uuid4

from flask import Flask

from app.domain.identity import secret
from app.domain.identity.actor import SYSTEM
from app.domain.identity.secret import SecretKind
from app.models import ApiToken, Knock, NodeCredential
from app.services.admission import join_tokens, waiting_room
from app.services.admission.join_tokens import Wanted
from tests.fleet import CLUSTER, Fleet
from tests.identity.accounts import PASSWORD, code_of, fresh_link, make_person
from tests.identity.call import Call, Maker, about_a_node, change_settings, plain
from tests.joining import Machine, hash_of, join_token
from tests.people import bearer, browser, credential, make_user, token


def join(_app: Flask, _fleet: Fleet) -> Call:
    made = secret.make(SecretKind.NODE_CREDENTIAL)
    said = {"nodeId": f"node-{uuid4().hex[:8]}", "joinToken": join_token(), "secretHash": hash_of(made)}
    return Call(f"{CLUSTER}/join", said, {})


def renew(_app: Flask, fleet: Fleet) -> Call:
    fleet.add("node-1")
    said = {"secretHash": hash_of(secret.make(SecretKind.NODE_CREDENTIAL))}
    return Call(f"{CLUSTER}/nodes/node-1/credential", said, bearer(credential("node-1")))


def revoke_join_token(_app: Flask, _fleet: Fleet) -> Call:
    return Call(f"/api/join-tokens/{join_tokens.create(SYSTEM, Wanted())[0].id}")


def revoke_credential(_app: Flask, fleet: Fleet) -> Call:
    fleet.add("node-1")
    credential("node-1")
    [one, *_] = NodeCredential.query.filter_by(node_id="node-1", revoked_at=None)
    return Call(f"/api/nodes/node-1/credentials/{one.id}")


def about_a_knock(after: str = "") -> Maker:
    def make(app: Flask, _fleet: Fleet) -> Call:
        waiting_room.open_for(SYSTEM, 5)
        node_id = f"node-{uuid4().hex[:8]}"
        Machine(app, node_id).join()
        [one] = Knock.query.filter_by(node_id=node_id)
        return Call(f"/api/waiting-room/{one.id}{after}")

    return make


def sign_in(_app: Flask, _fleet: Fleet) -> Call:
    return Call("/api/session", {"name": make_person().name, "password": PASSWORD}, {})


def sign_in_by_link(_app: Flask, _fleet: Fleet) -> Call:
    return Call("/api/session/link", {"token": fresh_link(f"user-{uuid4().hex[:8]}").partition("#")[2]}, {})


def by_a_person(path: str, **json: Any) -> Maker:
    return lambda app, _fleet: Call(path, json, sender=browser(app, "operator"))


def with_a_code(on: bool) -> Maker:
    def make(app: Flask, _fleet: Fleet) -> Call:
        change_settings(app, secret_key="k" * 32)
        person = browser(app, "operator")
        made = person.send("POST", "/api/account/totp").json["secret"]
        if on:
            person.send("PUT", "/api/account/totp", json={"code": code_of(made)})
        return Call("/api/account/totp", {"code": code_of(made, int(on))}, sender=person)

    return make


def prepare_code(app: Flask, _fleet: Fleet) -> Call:
    change_settings(app, secret_key="k" * 32)
    return Call("/api/account/totp", sender=browser(app, "operator"))


def about_a_user(after: str = "", **json: Any) -> Maker:
    return lambda _app, _fleet: Call(f"/api/users/{make_user('viewer').id}{after}", json)


def revoke_token(_app: Flask, _fleet: Fleet) -> Call:
    token("viewer")
    return Call(f"/api/tokens/{ApiToken.query.order_by(ApiToken.created_at.desc()).first().id}")


# By endpoint and verb.
IDENTITY_CALLS: dict[tuple[str, str], Maker] = {
    ("joining.join", "POST"): join,
    ("joining.renew", "POST"): renew,
    ("join-tokens.create_join_token", "POST"): plain("/api/join-tokens"),
    ("join-tokens.revoke_join_token", "DELETE"): revoke_join_token,
    ("credentials.issue_credential", "POST"): lambda app, fleet: Call(
        about_a_node("/api", "/credentials")(app, fleet).path, {"kind": "url"}
    ),
    ("credentials.revoke_credentials", "DELETE"): about_a_node("/api", "/credentials"),
    ("credentials.revoke_credential", "DELETE"): revoke_credential,
    ("waiting-room.open_or_close", "PUT"): plain("/api/waiting-room", openForMinutes=5),
    ("waiting-room.admit", "POST"): about_a_knock("/admit"),
    ("waiting-room.send_away", "DELETE"): about_a_knock(),
    ("session.begin_session", "POST"): sign_in,
    ("session.begin_session_by_link", "POST"): sign_in_by_link,
    ("session.end_session", "DELETE"): by_a_person("/api/session"),
    ("session.end_sessions", "DELETE"): by_a_person("/api/sessions"),
    ("account.change_password", "PUT"): by_a_person("/api/account/password", new="twelve small boats"),
    ("account.prepare_totp", "POST"): prepare_code,
    ("account.confirm_totp", "PUT"): with_a_code(on=False),
    ("account.turn_totp_off", "DELETE"): with_a_code(on=True),
    ("users.create_user", "POST"): plain("/api/users", name="ada", role="viewer"),
    ("users.change_user", "PATCH"): about_a_user(role="operator"),
    ("users.remove_user", "DELETE"): about_a_user(),
    ("users.issue_sign_in_link", "POST"): about_a_user("/sign-in-link"),
    ("tokens.create_token", "POST"): by_a_person("/api/tokens", name="ci", role="viewer", expiresInDays=1),
    ("tokens.revoke_token", "DELETE"): revoke_token,
}
