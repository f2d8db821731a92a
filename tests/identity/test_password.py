"""Which passwords are taken, and who may change one."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.domain.errors import InvalidInput
from app.domain.identity import password
from app.domain.identity.actor import SYSTEM
from app.domain.identity.permissions import Role
from app.gateways import password_hash
from app.services.people import users
from tests.identity.accounts import PASSWORD, attempt, audited, by_link, make_person, signed_in
from tests.people import token

ROOT = Path(__file__).parents[2]
GOOD = "twelve small boats"


@pytest.mark.parametrize(
    "bad",
    ["", "eleven char", "x" * 1025, "Administrator-7", "aaaaaaaaaaaa", "121212121212", "Password1234", "qwertyqwerty"],
)
def test_what_anybody_would_try_is_not_taken(bad: str) -> None:
    with pytest.raises(InvalidInput):
        password.check(bad, "administrator-7")


@pytest.mark.parametrize("good", [GOOD, "zwölf kleine Boote", "x" * 500 + "abcde", "🐟 🐠 🐡 🦈 🐙 🐚 🦀"])
def test_long_and_unusual_passwords_are_taken(good: str) -> None:
    password.check(good, "ada")


def test_a_password_is_the_same_on_every_keyboard(guarded: Flask) -> None:
    make_person(name="ada", password="cafe\u0301 au lait, merci")

    assert signed_in(guarded, "ada", "caf\u00e9 au lait, merci")


def test_the_current_password_is_needed(guarded: Flask) -> None:
    make_person(name="ada")
    person = signed_in(guarded, "ada")

    for body in ({"new": GOOD}, {"current": "guess", "new": GOOD}):
        refused = person.send("PUT", "/api/account/password", json=body)
        assert (refused.status_code, refused.json["fields"]) == (400, {"current": "is not right"})
    assert attempt(guarded, "ada", GOOD).status_code == 401


def test_guesses_at_the_current_password_are_counted(guarded: Flask) -> None:
    make_person(name="ada")
    person = signed_in(guarded, "ada")
    body = {"current": "guess", "new": GOOD}

    statuses = [person.send("PUT", "/api/account/password", json=body).status_code for _ in range(5)]

    assert statuses == [400, 400, 400, 400, 429]


def test_after_a_sign_in_by_link_a_first_password_can_be_set_once(guarded: Flask) -> None:
    _, link = users.create(SYSTEM, "ada", Role.VIEWER)
    person = by_link(guarded, link.path)
    assert person.client.get("/api/session").json["user"]["hasPassword"] is False

    assert person.send("PUT", "/api/account/password", json={"new": "short"}).json["fields"].keys() == {"new"}
    assert person.send("PUT", "/api/account/password", json={"new": GOOD}).status_code == 200
    assert person.send("PUT", "/api/account/password", json={"new": "another long one"}).status_code == 400
    assert signed_in(guarded, "ada", GOOD)
    assert ("password.change", "ada", "done") in audited()


def test_a_script_cannot_change_its_owners_password(guarded: Flask) -> None:
    answer = guarded.test_client().put("/api/account/password", json={"new": GOOD}, headers=token("admin"))

    assert answer.status_code == 403


def test_with_sign_in_off_nobody_has_an_account(app: Flask) -> None:
    answer = app.test_client().put("/api/account/password", json={"new": GOOD})

    assert (answer.status_code, "CLUSTER_AUTH=off" in answer.json["error"]) == (403, True)


def test_a_hash_is_argon2id_and_never_the_same_twice(real_hashes: None) -> None:
    first, second = password_hash.make(PASSWORD), password_hash.make(PASSWORD)

    assert first.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert first != second
    assert password_hash.matches(first, PASSWORD)
    assert not password_hash.matches(first, PASSWORD + " ")
    assert not password_hash.matches(None, "a password that nobody has")
    assert not password_hash.matches("damaged", PASSWORD)


def test_hashing_lets_the_event_loop_of_a_web_process_run() -> None:
    """Three hashes, two at once, while another greenlet counts; a hash on the loop would leave it at a few."""
    program = """
from gevent import monkey; monkey.patch_all()
import gevent
from app.gateways import password_hash
ticks = 0
def tick():
    global ticks
    while True:
        ticks += 1
        gevent.sleep(0.002)
gevent.spawn(tick)
made = [gevent.spawn(password_hash.make, "a long walk by the sea") for _ in range(3)]
gevent.joinall(made, raise_error=True)
print(ticks)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert int(done.stdout) > 20
