"""No page of another site can make a signed-in browser change anything."""

import pytest
from flask import Flask

from app.api.auth import CSRF_HEADER
from tests.people import browser

REMOVE = "/api/engine/cluster/nodes/node-1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {CSRF_HEADER: ""},
        {CSRF_HEADER: "0" * 64},
        {CSRF_HEADER: "\xfc" * 64},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_change_without_what_only_our_page_knows_is_refused(guarded: Flask, headers: dict[str, str]) -> None:
    person = browser(guarded, "admin")

    assert person.client.delete(REMOVE, headers=headers).status_code == 403


def test_a_foreign_origin_is_refused_even_with_the_right_token(guarded: Flask) -> None:
    person = browser(guarded, "admin")
    headers = {CSRF_HEADER: person.csrf, "Origin": "https://evil.example"}

    assert person.client.delete(REMOVE, headers=headers).status_code == 403


def test_the_token_of_another_session_does_not_count(guarded: Flask) -> None:
    person, other = browser(guarded, "admin"), browser(guarded, "admin")

    assert person.client.delete(REMOVE, headers={CSRF_HEADER: other.csrf}).status_code == 403


def test_our_own_page_passes(guarded: Flask) -> None:
    assert browser(guarded, "admin").send("DELETE", REMOVE).status_code == 404
