"""Signing in by name and password."""

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from flask import Flask

from app.api.auth import COOKIE
from app.extensions import db
from app.gateways import password_hash
from app.models import User
from tests.identity.accounts import PASSWORD, attempt, audited, is_signed_in, make_person, signed_in
from tests.people import make_user

ONE_SENTENCE = {"error": "The name, the password or the code is wrong", "code": "wrong_credentials"}


def test_nobody_is_told_so_and_may_not_ask_for_more(guarded: Flask) -> None:
    client = guarded.test_client()

    assert client.get("/api/session").json == {"signedIn": False, "auth": "on"}
    assert client.get("/api/engine/cluster/nodes").json["code"] == "sign_in_required"


def test_with_sign_in_off_everybody_is_its_admin(app: Flask) -> None:
    told = app.test_client().get("/api/session").json

    assert (told["signedIn"], told["auth"], told["user"]["role"]) == (True, "off", "admin")


def test_the_right_password_signs_in_whatever_the_letter_case_of_the_name(guarded: Flask) -> None:
    make_person("operator", "Ada")
    person = signed_in(guarded, "ada")

    told = person.client.get("/api/session").json
    assert told["user"] | {"id": ""} == {
        "id": "",
        "name": "Ada",
        "role": "operator",
        "hasPassword": True,
        "totp": False,
    }
    assert told["csrfToken"] == person.csrf
    assert person.client.get("/api/engine/cluster/nodes").status_code == 200
    assert ("session.begin", "Ada", "done") in audited()


@pytest.mark.parametrize("public_url", ["", "https://muster.example.org"])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    guarded: Flask, monkeypatch: pytest.MonkeyPatch, public_url: str
) -> None:
    changed = replace(guarded.extensions["settings"], public_url=public_url)
    monkeypatch.setitem(guarded.extensions, "settings", changed)
    make_person(name="ada")

    [cookie] = attempt(guarded, "ada").headers.getlist("Set-Cookie")

    words = set(cookie.split("; "))
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"} <= words
    assert ("Secure" in words) == bool(public_url)


def test_the_cookie_is_for_tls_only_when_it_came_by_tls(guarded: Flask) -> None:
    make_person(name="ada")
    body = {"name": "ada", "password": PASSWORD}

    answer = guarded.test_client().post("/api/session", json=body, base_url="https://localhost")

    assert "; Secure" in answer.headers["Set-Cookie"]


def test_wrong_name_wrong_password_and_disabled_get_one_and_the_same_answer(guarded: Flask) -> None:
    make_person(name="ada")
    make_user("viewer", "no-password")
    gone = make_person(name="gone")
    gone.disabled = True
    db.session.commit()

    answers = [attempt(guarded, name, word) for name, word in (("nobody", PASSWORD), ("ada", "guess"))]
    answers += [attempt(guarded, name) for name in ("gone", "no-password")]

    told = [(answer.status_code, {**answer.json, "requestId": ""}) for answer in answers]
    assert told == [(401, ONE_SENTENCE | {"requestId": ""})] * 4
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_it_takes_as_long_to_refuse_an_unknown_name_as_a_wrong_password(
    guarded: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nearly all of the time is that of hashing, so it is the hashing that is compared."""
    make_person(name="ada")
    attempt(guarded, "ada", "guess")  # whatever is made once is made for everybody
    hasher = Mock(wraps=password_hash._hasher)
    monkeypatch.setattr(password_hash, "_hasher", hasher)

    def refuse(name: str) -> list[tuple[str, Parameters]]:
        hasher.reset_mock()
        attempt(guarded, name, "guess")
        return [(call, extract_parameters(given[0])) for call, given, _ in hasher.mock_calls]

    unknown, known = refuse("nobody"), refuse("ada")
    assert [call for call, _ in unknown] == ["verify"]
    assert unknown == known


def test_a_failed_sign_in_is_written_down_but_not_what_was_typed(guarded: Flask) -> None:
    make_person(name="ada")
    attempt(guarded, "ada", "guess")
    attempt(guarded, "my secret in the wrong field", "x")

    assert audited() == [("session.begin", "ada", "failed"), ("session.begin", "an unknown name", "failed")]


@pytest.mark.parametrize("body", [{}, {"name": "ada"}, {"name": "a\0", "password": "x"}, {"name": "a", "password": 5}])
def test_half_a_sign_in_is_a_bad_request(guarded: Flask, body: dict[str, Any]) -> None:
    assert guarded.test_client().post("/api/session", json=body).status_code == 400


def test_a_form_of_another_site_cannot_sign_a_browser_in(guarded: Flask) -> None:
    make_person(name="ada")
    client, body = guarded.test_client(), {"name": "ada", "password": PASSWORD}

    assert client.post("/api/session", data=body).status_code == 415
    assert client.post("/api/session", json=body, headers={"Origin": "https://evil.example"}).status_code == 403


def test_each_sign_in_makes_a_new_session_and_ends_the_one_the_browser_had(guarded: Flask) -> None:
    make_person(name="ada")
    person = signed_in(guarded, "ada")
    first = person.client.get_cookie(COOKIE).value  # type: ignore[union-attr]
    person.client.post("/api/session", json={"name": "ada", "password": PASSWORD})

    second = person.client.get_cookie(COOKIE).value  # type: ignore[union-attr]
    assert first != second
    person.client.set_cookie(COOKIE, first)
    assert not is_signed_in(person)


def test_a_secret_that_was_planted_in_the_browser_never_becomes_a_session(guarded: Flask) -> None:
    make_person(name="ada")
    client = guarded.test_client()
    client.set_cookie(COOKIE, "mss_planted")
    client.post("/api/session", json={"name": "ada", "password": PASSWORD})

    victim = client.get_cookie(COOKIE)
    assert victim is not None
    assert victim.value != "mss_planted"


def test_a_hash_with_older_parameters_is_made_anew_at_the_next_sign_in(guarded: Flask) -> None:
    user = make_person(name="ada")
    user.password_hash = old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    db.session.commit()

    signed_in(guarded, "ada")

    db.session.expire_all()
    renewed = db.session.query(User.password_hash).scalar()
    assert renewed not in (old, None)
    assert signed_in(guarded, "ada")
