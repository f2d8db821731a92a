"""Sessions end when they should."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.api.auth import COOKIE
from app.domain.identity.actor import SYSTEM
from app.domain.identity.permissions import Role
from app.extensions import db
from app.models import Session, User
from app.services import identity, retention
from app.services.people import users
from tests.fleet import until
from tests.identity.accounts import PASSWORD, age, audited, fresh_link, is_signed_in, make_person, signed_in
from tests.people import Browser, token

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
HOUR, DAY = 3600, 86_400


def only_user() -> User:
    user: User = db.session.query(User).one()
    return user


@pytest.fixture
def ada(guarded: Flask) -> Browser:
    make_person("operator", "ada")
    return signed_in(guarded, "ada")


def test_signing_out_ends_the_session_and_not_only_the_cookie(ada: Browser) -> None:
    cookie = ada.client.get_cookie(COOKIE)
    assert cookie is not None

    assert ada.send("DELETE", "/api/session").json == {"signedIn": False}

    assert ada.client.get_cookie(COOKIE) is None
    ada.client.set_cookie(COOKIE, cookie.value)
    assert not is_signed_in(ada)
    assert audited()[-1] == ("session.end", "ada", "done")


def test_a_request_holds_no_session_while_its_user_is_being_changed(ada: Browser) -> None:
    """Who disables a user locks the user and then ends the sessions: in another order both would wait for ever."""
    age("sessions", "last_seen_at", HOUR)

    looker = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with db.engine.connect() as admin, looker.connect() as looking, ThreadPoolExecutor(1) as pool:
        admin.execute(text("SELECT FROM users FOR UPDATE"))
        asked = pool.submit(is_signed_in, ada)
        until(lambda: looking.scalar(WAITING) == 1)
        admin.execute(text("SELECT FROM sessions FOR UPDATE NOWAIT"))
        admin.rollback()
        assert asked.result(10)


def test_signing_out_everywhere_ends_all_of_mine_and_nobody_elses(guarded: Flask, ada: Browser) -> None:
    make_person(name="bob")
    other, bob = signed_in(guarded, "ada"), signed_in(guarded, "bob")

    assert ada.send("DELETE", "/api/sessions").json == {"ended": 2}

    assert [is_signed_in(one) for one in (ada, other, bob)] == [False, False, True]


@pytest.mark.parametrize(("idle", "valid"), [(12 * HOUR - 60, True), (12 * HOUR + 60, False)])
def test_a_session_ends_when_nobody_uses_it_for_twelve_hours(ada: Browser, idle: float, valid: bool) -> None:
    age("sessions", "last_seen_at", idle)

    assert is_signed_in(ada) is valid


def test_a_session_ends_after_seven_days_however_busy(ada: Browser) -> None:
    age("sessions", "expires_at", 7 * DAY - 60)
    assert is_signed_in(ada)

    age("sessions", "expires_at", 61)
    assert not is_signed_in(ada)


def test_a_new_password_ends_all_other_sessions(guarded: Flask, ada: Browser) -> None:
    other = signed_in(guarded, "ada")
    changed = ada.send("PUT", "/api/account/password", json={"current": PASSWORD, "new": "another walk by the lake"})

    assert changed.status_code == 200
    assert [is_signed_in(ada), is_signed_in(other)] == [True, False]
    assert signed_in(guarded, "ada", "another walk by the lake")


def test_disabling_ends_all_sessions_and_enabling_brings_none_back(ada: Browser) -> None:
    user_id = only_user().id
    users.change(SYSTEM, user_id, None, True)
    assert not is_signed_in(ada)

    users.change(SYSTEM, user_id, None, False)
    assert not is_signed_in(ada)


def test_a_removed_user_has_no_sessions_and_no_tokens(guarded: Flask, ada: Browser) -> None:
    made = ada.send("POST", "/api/tokens", json={"name": "ci", "role": "viewer", "expiresInDays": 1}).json["secret"]
    users.remove(SYSTEM, only_user().id)

    assert not is_signed_in(ada)
    assert nodes_with(guarded.test_client(), made) == 401


def nodes_with(client: FlaskClient, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return client.get("/api/engine/cluster/nodes", headers=headers).status_code


def test_a_new_role_counts_at_once(ada: Browser) -> None:
    remove = "/api/engine/cluster/nodes/node-1"
    assert ada.send("DELETE", remove).status_code == 404

    users.change(SYSTEM, only_user().id, Role.VIEWER, None)

    assert ada.send("DELETE", remove).status_code == 403


def test_a_script_has_no_sessions_to_end(guarded: Flask) -> None:
    client = guarded.test_client()

    assert client.delete("/api/sessions", headers=token("admin")).status_code == 403


def test_what_still_counts_is_found_for_many_at_once(guarded: Flask, ada: Browser) -> None:
    signed_in(guarded, "ada")
    ada.send("POST", "/api/tokens", json={"name": "ci", "role": "viewer", "expiresInDays": 1})
    with db.engine.connect() as connection:
        looked = "SELECT fingerprint FROM sessions UNION ALL SELECT fingerprint FROM api_tokens"
        known = {bytes(found) for found in connection.exec_driver_sql(looked).scalars()}
    assert len(known) == 3

    assert identity.still_valid(known | {b"unknown"}) == known
    ada.send("DELETE", "/api/session")
    assert len(identity.still_valid(known)) == 2
    users.change(SYSTEM, only_user().id, None, True)
    assert identity.still_valid(known) == frozenset()
    assert db.session.query(Session).count() == 0


def test_what_ended_long_ago_is_forgotten_and_what_counts_stays(guarded: Flask, ada: Browser) -> None:
    ada.send("POST", "/api/tokens", json={"name": "ci", "role": "viewer", "expiresInDays": 1})
    retention.forget_old()
    assert (rows("sessions"), rows("api_tokens"), rows("sign_in_guesses")) == (1, 1, 2)

    age("sessions", "expires_at", 7 * DAY + 1)
    age("api_tokens", "expires_at", 92 * DAY)
    age("sign_in_guesses", "times", HOUR + 1, by="(SELECT array_agg(at - :past ORDER BY at) FROM unnest(times) AS at)")
    fresh_link("bob")
    age("sign_in_links", "expires_at", DAY + 1)

    assert retention.forget_old() == 5
    assert [rows(table) for table in ("sessions", "api_tokens", "sign_in_guesses", "sign_in_links")] == [0] * 4


def rows(table: str) -> int:
    with db.engine.connect() as connection:
        counted: int = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
        return counted
