"""Users: who may do what to whom."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.domain.errors import LastAdmin, SignInRequired
from app.domain.identity.actor import SYSTEM, Actor, ActorKind
from app.domain.identity.permissions import Role
from app.extensions import db
from app.models import User
from app.services.people import tokens, users
from tests.identity.accounts import audited, by_link, is_signed_in
from tests.people import Browser, bearer, browser, make_user


@pytest.fixture
def admin(guarded: Flask) -> Browser:
    return browser(guarded, "admin")


def own_id(person: Browser) -> str:
    found: str = person.client.get("/api/session").json["user"]["id"]
    return found


def enabled_admins() -> int:
    db.session.rollback()
    return db.session.query(User).filter(User.role == "admin", ~User.disabled).count()


def test_a_new_user_gets_a_link_and_comes_in_with_the_role(guarded: Flask, admin: Browser) -> None:
    made = admin.send("POST", "/api/users", json={"name": "ada", "role": "operator"})

    assert made.status_code == 201
    assert made.json.keys() == {
        "id", "name", "role", "createdAt", "lastSeenAt", "hasPassword", "totp", "disabled", "signInLink",
    }  # fmt: skip
    told = by_link(guarded, made.json["signInLink"]).client.get("/api/session").json["user"]
    assert (told["name"], told["role"]) == ("ada", "operator")
    assert ("user.create", "ada", "done") in audited()


def test_no_two_users_have_one_name_in_different_letters(admin: Browser) -> None:
    admin.send("POST", "/api/users", json={"name": "ada", "role": "operator"})

    again = admin.send("POST", "/api/users", json={"name": "ADA", "role": "viewer"})

    assert (again.status_code, again.json["code"]) == (409, "name_taken")


@pytest.mark.parametrize("name", ["", " ada", "a b", "a\nb", "-ada", "x" * 65, "аda", "<b>", 5])
def test_a_name_that_could_be_taken_for_another_is_refused(admin: Browser, name: object) -> None:
    assert admin.send("POST", "/api/users", json={"name": name, "role": "viewer"}).status_code == 400


@pytest.mark.parametrize("body", [{}, {"role": "root"}, {"role": None}, {"disabled": "maybe"}])
def test_a_change_must_say_what(admin: Browser, body: dict[str, object]) -> None:
    user = make_user("viewer")

    assert admin.send("PATCH", f"/api/users/{user.id}", json=body).status_code == 400


def test_the_list_is_searched(admin: Browser) -> None:
    for name, role in (("ada", "operator"), ("adam", "viewer"), ("bob", "viewer")):
        make_user(role, name)

    def found(query: str) -> list[str]:
        return [user["name"] for user in admin.client.get(f"/api/users?q={query}").json["users"]]

    assert found("ada") == ["ada", "adam"]
    assert found("VIEWER+ad") == ["adam"]
    assert found("nobody") == []


def test_nobody_changes_their_own_role(guarded: Flask, admin: Browser) -> None:
    make_user("admin")

    answer = admin.send("PATCH", f"/api/users/{own_id(admin)}", json={"role": "viewer"})

    assert (answer.status_code, answer.json["code"]) == (403, "not_permitted")


@pytest.mark.parametrize(
    ("method", "body"), [("PATCH", {"role": "viewer"}), ("PATCH", {"disabled": True}), ("DELETE", None)]
)
def test_the_last_admin_stays(admin: Browser, method: str, body: object) -> None:
    make_user("admin", "disabled").disabled = True
    db.session.commit()

    answer = admin.send(method, f"/api/users/{own_id(admin)}", json=body)

    assert (answer.status_code, answer.json["code"]) == (409, "last_admin")
    assert enabled_admins() == 1


def test_admins_who_remove_each_other_at_once_leave_one(guarded: Flask) -> None:
    acts = (
        lambda user_id: users.change(SYSTEM, user_id, Role.VIEWER, None),
        lambda user_id: users.change(SYSTEM, user_id, None, True),
        lambda user_id: users.remove(SYSTEM, user_id),
    )

    def act(turn: tuple[int, UUID]) -> bool:
        number, user_id = turn
        with guarded.app_context():
            try:
                acts[number % 3](user_id)
            except LastAdmin:
                return False
            return True

    for _ in range(5):
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM users")
        ids = [make_user("admin").id for _ in range(6)]
        with ThreadPoolExecutor(6) as pool:
            done = list(pool.map(act, enumerate(ids)))
        assert (done.count(True), enabled_admins()) == (5, 1)


def test_changing_a_viewer_is_no_matter_of_the_last_admin(admin: Browser) -> None:
    user = make_user("viewer")

    assert admin.send("PATCH", f"/api/users/{user.id}", json={"disabled": True}).json["disabled"] is True
    assert admin.send("DELETE", f"/api/users/{user.id}").json == {"removed": True}


def test_disabling_ends_sessions_and_revokes_tokens_for_good(guarded: Flask, admin: Browser) -> None:
    person = browser(guarded, "operator")
    user_id, asked = own_id(person), {"name": "ci", "role": "viewer", "expiresInDays": 30}
    made = person.send("POST", "/api/tokens", json=asked).json
    script = guarded.test_client()
    assert script.get("/api/tokens", headers=bearer(made["secret"])).status_code == 403  # a viewer's: known, not let in

    assert admin.send("PATCH", f"/api/users/{user_id}", json={"disabled": True}).status_code == 200
    revoked_at = admin.client.get("/api/tokens").json["tokens"][0]["revokedAt"]
    assert admin.send("PATCH", f"/api/users/{user_id}", json={"disabled": False}).status_code == 200

    assert revoked_at
    assert script.get("/api/tokens", headers=bearer(made["secret"])).status_code == 401
    assert not is_signed_in(person)
    [disabled, enabled] = [entry["detail"] for entry in admin.client.get("/api/audit?q=user.update").json["entries"]][
        ::-1
    ]
    assert disabled == {"role": "operator", "disabled": True, "endedSessions": 1, "revokedTokens": 1}
    assert enabled == {"role": "operator", "disabled": False}


def test_a_token_asked_for_while_its_maker_is_disabled_is_not_made(guarded: Flask) -> None:
    user = make_user("operator")
    by = Actor(ActorKind.USER, str(user.id), user.name, Role.OPERATOR, user_id=str(user.id))  # let in a moment ago
    users.change(SYSTEM, user.id, None, disabled=True)

    with pytest.raises(SignInRequired):
        tokens.create(by, "ci", Role.VIEWER, 30)
    del guarded


def test_what_is_done_to_a_user_is_written_down(admin: Browser) -> None:
    user = make_user("viewer", "ada")
    admin.send("PATCH", f"/api/users/{user.id}", json={"role": "operator"})
    admin.send("PATCH", f"/api/users/{user.id}", json={"role": "operator"})
    admin.send("POST", f"/api/users/{user.id}/sign-in-link")
    admin.send("DELETE", f"/api/users/{user.id}")

    assert [action for action, target, _ in audited() if target == "ada"] == [
        "user.update",
        "user.sign-in-link",
        "user.remove",
    ]


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("DELETE", ""), ("POST", "/sign-in-link")])
def test_an_unknown_user_is_not_found(admin: Browser, method: str, path: str) -> None:
    answer = admin.send(method, f"/api/users/{uuid4()}{path}", json={"disabled": True})

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_user")
