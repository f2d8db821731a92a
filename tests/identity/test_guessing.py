"""Passwords cannot be guessed by trying many."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app.domain.identity.person import guesser
from app.extensions import db
from app.gateways import password_hash
from app.services.people import guesses
from tests.identity.accounts import PASSWORD, age, attempt, audited, fresh_link, make_person


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was compared with a hash."""
    seen: list[str] = []
    real = password_hash.matches

    def matches(stored: str | None, password: str) -> bool:
        seen.append(password)
        return real(stored, password)

    monkeypatch.setattr(password_hash, "matches", matches)
    return seen


def in_parallel(count: int, act: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(act, range(count)))


def test_of_a_thousand_guesses_in_a_minute_at_most_five_are_evaluated(guarded: Flask, evaluated: list[str]) -> None:
    make_person(name="ada")

    def guess(number: int) -> int:
        status: int = attempt(guarded, "ada", f"guess {number}", address=f"192.0.2.{number % 200}").status_code
        return status

    statuses = in_parallel(1000, guess)

    assert len(evaluated) == 5
    assert (statuses.count(401), statuses.count(429)) == (5, 995)
    assert len(audited()) == 5


def test_from_one_address_at_most_twenty_accounts_are_tried_in_a_minute(guarded: Flask, evaluated: list[str]) -> None:
    statuses = in_parallel(60, lambda number: attempt(guarded, f"person-{number}").status_code)

    assert len(evaluated) == 20
    assert statuses.count(429) == 40


def test_a_refused_guess_says_when_to_come_back_and_then_the_right_password_counts(guarded: Flask) -> None:
    make_person(name="ada")
    for _ in range(5):
        attempt(guarded, "Ada", "guess")

    refused = attempt(guarded, "ada")
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
    assert 50 <= int(refused.headers["Retry-After"]) <= 60

    age_guesses(60)
    assert attempt(guarded, "ada").status_code == 200


def test_the_minute_slides(guarded: Flask) -> None:
    """Not five at the end of one minute and five more at the beginning of the next."""
    for _ in range(3):
        attempt(guarded, "ada", "guess")
    age_guesses(40)
    for _ in range(2):
        attempt(guarded, "ada", "guess")
    age_guesses(25)

    statuses = [attempt(guarded, "ada", "guess").status_code for _ in range(4)]

    assert statuses == [401, 401, 401, 429]


def test_guesses_at_links_are_counted_too(guarded: Flask) -> None:
    client = guarded.test_client()
    statuses = [client.post("/api/session/link", json={"token": f"msl_{n}"}).status_code for n in range(21)]

    assert statuses == [401] * 20 + [429]
    link = fresh_link("ada").partition("#")[2]
    assert client.post("/api/session/link", json={"token": link}).status_code == 429


def test_the_limit_holds_without_redis(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(guarded.extensions, "redis_client")

    statuses = [attempt(guarded, "ada", PASSWORD).status_code for _ in range(6)]

    assert statuses == [401] * 5 + [429]


def test_one_customers_ipv6_addresses_are_one_guesser() -> None:
    assert guesser("2001:db8:1:2:3:4:5:6") == guesser("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert guesser("2001:db8:1:3::1") != guesser("2001:db8:1:2::1")
    assert guesser("::ffff:192.0.2.7") == guesser("192.0.2.7") == "192.0.2.7"
    assert guesser("") == ""


def age_guesses(seconds: float) -> None:
    """As if all guesses had been made so much earlier."""
    age_array = "(SELECT array_agg(at - :past ORDER BY at) FROM unnest(times) AS at)"
    age("sign_in_guesses", "times", seconds, by=age_array)


def test_one_row_per_guesser_is_kept_and_no_more_than_counts(guarded: Flask) -> None:
    for _ in range(3):
        for _ in range(5):
            attempt(guarded, "ada", "guess")
        age_guesses(61)

    lengths = stored_lengths()
    assert max(lengths) <= guesses.PER_ADDRESS
    assert sorted(lengths) == [5, 15]


def stored_lengths() -> list[int]:
    with db.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT cardinality(times) FROM sign_in_guesses")
        return list(found.scalars())
