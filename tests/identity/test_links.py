"""Links that sign one person in, once, and how the first admin gets one."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from click.testing import Result
from flask import Flask

from app.extensions import db
from app.models import Session, SignInLink, User
from tests.identity.accounts import (
    age,
    attempt,
    audited,
    by_link,
    fresh_link,
    is_signed_in,
    make_person,
    signed_in,
)
from tests.people import browser, make_user

LINK = re.compile(r"http://127\.0\.0\.1:3100(/sign-in#msl_[\w-]{43})\n")


def redeem(app: Flask, link: str, address: str = "192.0.2.1") -> int:
    token = link.partition("#")[2]
    answer = app.test_client().post(
        "/api/session/link", json={"token": token}, environ_overrides={"REMOTE_ADDR": address}
    )
    return answer.status_code


def run(app: Flask, *arguments: str) -> Result:
    """A flask command; its link is on the standard output alone."""
    return app.test_cli_runner().invoke(args=arguments)


def printed(result: Result) -> str:
    found = LINK.fullmatch(result.stdout)
    assert found, result.output
    return found[1]


def test_of_twenty_who_use_one_link_at_once_one_is_signed_in(guarded: Flask) -> None:
    link = fresh_link("ada")
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda number: redeem(guarded, link, f"192.0.2.{number}"), range(20)))

    assert (statuses.count(200), statuses.count(401)) == (1, 19)
    assert db.session.query(Session).count() == 1


@pytest.mark.parametrize(("seconds", "status"), [(15 * 60 - 5, 200), (15 * 60 + 5, 401)])
def test_a_link_from_the_terminal_counts_for_fifteen_minutes(guarded: Flask, seconds: float, status: int) -> None:
    link = printed(run(guarded, "create-admin"))
    age("sign_in_links", "expires_at", seconds)

    assert redeem(guarded, link) == status


def test_a_new_link_voids_the_one_before(guarded: Flask) -> None:
    first, second = (printed(run(guarded, "create-admin")) for _ in range(2))

    assert [redeem(guarded, first), redeem(guarded, second)] == [401, 200]


def test_the_database_holds_no_link(guarded: Flask) -> None:
    secret = fresh_link("ada").partition("#")[2]

    assert secret.encode() not in bytes(db.session.query(SignInLink.fingerprint).scalar())


def test_the_link_of_a_disabled_user_does_not_count(guarded: Flask) -> None:
    link = fresh_link("ada")
    db.session.query(User).update({User.disabled: True})
    db.session.commit()

    assert redeem(guarded, link) == 401


def test_the_first_start_makes_one_admin_and_later_ones_find_it(guarded: Flask) -> None:
    person = by_link(guarded, printed(run(guarded, "create-admin")))
    told = person.client.get("/api/session").json["user"]
    assert (told["name"], told["role"]) == ("admin", "admin")

    run(guarded, "create-admin")
    assert db.session.query(User).count() == 1
    assert audited()[0] == ("user.create", "admin", "done")


def test_who_renamed_the_first_admin_gets_no_second_one_at_the_next_start(guarded: Flask) -> None:
    make_user("admin", "grace")

    assert "signs grace in" in run(guarded, "create-admin").stderr
    assert db.session.query(User).count() == 1


def test_an_admin_who_was_demoted_or_disabled_is_let_in_again_by_the_terminal(guarded: Flask) -> None:
    make_user("viewer", "ada").disabled = True
    db.session.commit()

    person = by_link(guarded, printed(run(guarded, "create-admin", "--name", "Ada")))

    assert person.client.get("/api/session").json["user"]["role"] == "admin"


def test_a_name_that_no_user_may_have_is_refused_by_the_terminal_too(guarded: Flask) -> None:
    assert run(guarded, "create-admin", "--name", "a b\n").exit_code == 2
    assert run(guarded, "sign-in-link", "nobody").exit_code == 1


def test_whoever_forgot_everything_is_let_in_and_starts_anew(guarded: Flask) -> None:
    make_person(name="ada")
    before = signed_in(guarded, "ada")

    person = by_link(guarded, printed(run(guarded, "sign-in-link", "ada", "--reset")))

    assert not is_signed_in(before)
    assert attempt(guarded, "ada").status_code == 401
    new = {"new": "a password that I will keep"}
    assert person.send("PUT", "/api/account/password", json=new).status_code == 200


def test_a_link_without_reset_leaves_the_password_as_it_is(guarded: Flask) -> None:
    make_person(name="ada")
    by_link(guarded, printed(run(guarded, "sign-in-link", "ada")))

    assert attempt(guarded, "ada").status_code == 200


def test_the_public_address_is_in_the_link(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(guarded.extensions["settings"], public_url="https://muster.example.org")
    monkeypatch.setitem(guarded.extensions, "settings", changed)

    assert run(guarded, "create-admin").stdout.startswith("https://muster.example.org/sign-in#msl_")


@pytest.mark.parametrize("reset", [False, True])
def test_an_admin_lets_somebody_in_who_is_locked_out(guarded: Flask, reset: bool) -> None:
    user = make_person(name="ada")
    admin = browser(guarded, "admin")
    answer = admin.send("POST", f"/api/users/{user.id}/sign-in-link", json={"reset": reset})

    assert answer.json.keys() == {"signInLink", "expiresAt"}
    told = by_link(guarded, answer.json["signInLink"]).client.get("/api/session").json["user"]
    assert told["hasPassword"] is not reset
