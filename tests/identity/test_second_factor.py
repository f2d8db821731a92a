"""The optional second factor."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask

from app.extensions import db
from app.gateways import authenticator
from app.models import User
from tests.identity.accounts import attempt, audited, code_of, forget_guesses, make_person, signed_in
from tests.people import Browser

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def keyed(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app with a SECRET_KEY."""
    changed = replace(guarded.extensions["settings"], secret_key="k" * 32)
    monkeypatch.setitem(guarded.extensions, "settings", changed)
    return guarded


def with_codes(app: Flask) -> tuple[Browser, str]:
    """A signed-in person whose next sign-in needs a code, and the secret of the app."""
    make_person(name="ada")
    person = signed_in(app, "ada")
    secret = person.send("POST", "/api/account/totp").json["secret"]
    assert person.send("PUT", "/api/account/totp", json={"code": code_of(secret)}).status_code == 200
    return person, secret


def test_a_secret_counts_only_after_a_first_code(keyed: Flask) -> None:
    make_person(name="ada")
    person = signed_in(keyed, "ada")
    told = person.send("POST", "/api/account/totp").json

    assert told["uri"] == f"otpauth://totp/Muster:ada?secret={told['secret']}&issuer=Muster"
    assert person.send("PUT", "/api/account/totp", json={"code": "000000"}).status_code == 400
    assert attempt(keyed, "ada").status_code == 200


def test_the_sign_in_asks_for_a_code_after_the_right_password_only(keyed: Flask) -> None:
    _, secret = with_codes(keyed)

    assert attempt(keyed, "ada", "guess").json["code"] == "wrong_credentials"
    assert attempt(keyed, "ada").json["code"] == "totp_required"
    assert attempt(keyed, "ada", code="000000").json["code"] == "wrong_credentials"
    forget_guesses()
    now = code_of(secret, 1)
    assert attempt(keyed, "ada", code=f"{now[:3]} {now[3:]}").status_code == 200


def test_a_code_is_good_once(keyed: Flask) -> None:
    _, secret = with_codes(keyed)
    code = code_of(secret, 1)

    assert [attempt(keyed, "ada", code=code).status_code for _ in range(2)] == [200, 401]


@pytest.mark.parametrize(("seconds", "step"), [(0, 0), (-30, -1), (30, 1), (-60, None), (60, None)])
def test_clocks_may_be_off_by_one_step(seconds: int, step: int | None) -> None:
    secret = authenticator.new_secret()
    code = pyotp.TOTP(secret).at(NOON + timedelta(seconds=seconds))
    current = pyotp.TOTP(secret).timecode(NOON)

    assert authenticator.step_of(secret, code, NOON) == (None if step is None else current + step)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert authenticator.step_of(authenticator.new_secret(), code, NOON) is None


def test_a_code_is_needed_to_turn_it_off(keyed: Flask) -> None:
    person, secret = with_codes(keyed)

    assert person.send("DELETE", "/api/account/totp", json={"code": "000000"}).status_code == 400
    assert person.send("POST", "/api/account/totp").status_code == 409
    assert person.send("DELETE", "/api/account/totp", json={"code": code_of(secret, 1)}).status_code == 200
    assert attempt(keyed, "ada").status_code == 200
    assert [action for action, *_ in audited() if action.startswith("totp")] == ["totp.prepare", "totp.on", "totp.off"]


def test_the_database_alone_gives_no_codes(keyed: Flask) -> None:
    _, secret = with_codes(keyed)
    stored = db.session.query(User.totp_secret).scalar()

    assert secret.encode() not in stored


def test_a_secret_moved_to_another_user_does_not_open(keyed: Flask) -> None:
    with_codes(keyed)
    make_person(name="eve")
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE users SET totp_confirmed = true, totp_secret = (SELECT totp_secret FROM users WHERE name = 'ada')"
        )

    assert attempt(keyed, "eve", code="123456").json["code"] == "not_configured"


def test_a_new_key_opens_what_the_former_one_sealed_and_after_resealing_it_alone_does(
    keyed: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def use(key: str, former: str = "") -> None:
        changed = replace(keyed.extensions["settings"], secret_key=key, former_secret_key=former)
        monkeypatch.setitem(keyed.extensions, "settings", changed)

    def reseal() -> tuple[int, str]:
        result = keyed.test_cli_runner().invoke(args=["reseal"])
        return result.exit_code, result.output

    _, secret = with_codes(keyed)
    use("n" * 32)
    assert attempt(keyed, "ada", code=code_of(secret, 1)).json["code"] == "not_configured"
    assert reseal()[0] == 1
    use("n" * 32, former="k" * 32)
    assert reseal() == (0, "1 secrets are sealed with the present SECRET_KEY\n")
    use("n" * 32)
    assert attempt(keyed, "ada", code=code_of(secret, 1)).status_code == 200
    assert ("secret-key.reseal", "", "done") in audited()


def test_without_a_key_the_answer_says_which_setting_is_missing(guarded: Flask) -> None:
    make_person(name="ada")
    answer = signed_in(guarded, "ada").send("POST", "/api/account/totp")

    assert (answer.status_code, answer.json["code"]) == (409, "not_configured")
    assert "SECRET_KEY_FILE" in answer.json["error"]
