"""Who opens a page without being signed in is shown where to sign in."""

import pytest
from flask import Flask

from tests.people import browser

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EXPLORER = "/api/docs/"


def test_a_visit_by_nobody_leads_to_the_sign_in_and_back(guarded: Flask) -> None:
    answer = guarded.test_client().get(f"{EXPLORER}?a=b%26c", headers=BROWSER)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=%2Fapi%2Fdocs%2F%3Fa%3Db%2526c")


def test_whoever_is_signed_in_sees_the_page(guarded: Flask) -> None:
    assert browser(guarded, "viewer").client.get(EXPLORER, headers=BROWSER).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
def test_programs_get_json(guarded: Flask, headers: dict[str, str]) -> None:
    answer = guarded.test_client().get(EXPLORER, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (401, "sign_in_required")


def test_a_script_with_a_token_that_does_not_count_gets_json(guarded: Flask) -> None:
    headers = {**BROWSER, "Authorization": "Bearer mst_made-up"}

    assert guarded.test_client().get(EXPLORER, headers=headers).status_code == 401


def test_a_change_is_never_led_elsewhere(guarded: Flask) -> None:
    answer = guarded.test_client().delete("/api/engine/cluster/nodes/node-1", headers=BROWSER)

    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["//evil.example/api/docs/", "/w/x//evil.example", "/api/docs/?next=//evil.example"])
def test_the_way_back_is_never_another_site(guarded: Flask, path: str) -> None:
    answer = guarded.test_client().get(path, headers=BROWSER)

    assert "next=%2F%2F" not in answer.headers.get("Location", "")
    assert not answer.headers.get("Location", "/").startswith(("//", "http://evil", "https://evil"))
