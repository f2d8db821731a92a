"""Flower's pages are read by admins through the web process, and nothing can be done with them."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from config import Settings
from tests.fleet import until
from tests.identity.call import change_settings
from tests.journeys.control_plane import ControlPlane, free_port
from tests.people import browser, token


@pytest.fixture
def flower(tmp_path: Path, guarded: Flask, settings: Settings) -> Iterator[int]:
    """A real Flower with a password, known to the web process."""
    plane, port = ControlPlane(tmp_path, settings.database_url, settings.redis_url, {}), free_port()
    address = ("--address=127.0.0.1", f"--port={port}", "--url_prefix=flower")
    plane.run(
        "flower", "-m", "celery", "-A", "celery_worker", "flower", *address, FLOWER_BASIC_AUTH="muster:open sesame"
    )
    try:
        until(lambda: _listens(port), 30)
        change_settings(guarded, flower_url=f"http://muster:open%20sesame@127.0.0.1:{port}")
        yield port
    finally:
        plane.stop()
        db.session.remove()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_an_admin_reads_flower_and_nobody_else_does(flower: int, guarded: Flask) -> None:
    admin = browser(guarded, "admin")

    assert b"Flower" in admin.client.get("/flower/").data
    assert admin.client.get("/flower/static/js/flower.js").status_code == 200
    columns = {"draw": 1, "start": 0, "length": 10, "search[value]": "", "order[0][column]": 0, "order[0][dir]": "asc"}
    answer = admin.client.post("/flower/tasks/datatable", data=columns | {"columns[0][data]": "name"})
    assert answer.json["draw"] == 1, answer.data
    for role in ("viewer", "operator"):
        assert guarded.test_client().get("/flower/", headers=token(role)).status_code == 403
    assert guarded.test_client().get("/flower/").status_code == 401


def test_what_would_change_something_is_not_passed_on(flower: int, guarded: Flask) -> None:
    admin = browser(guarded, "admin")

    for path in ("api/worker/shutdown/celery@x", "api/task/revoke/1"):
        assert admin.send("POST", f"/flower/{path}").status_code == 405


def test_without_flower_the_page_says_what_to_set(guarded: Flask) -> None:
    answer = browser(guarded, "admin").client.get("/flower/")

    assert (answer.status_code, "FLOWER_URL" in answer.json["error"]) == (409, True)


def test_a_flower_that_is_down_is_said_to_be_down(guarded: Flask) -> None:
    change_settings(guarded, flower_url=f"http://127.0.0.1:{free_port()}")

    assert browser(guarded, "admin").client.get("/flower/").status_code == 503


def test_an_address_of_odd_letters_fails_no_request(guarded: Flask) -> None:
    change_settings(guarded, flower_url=f"http://127.0.0.1:{free_port()}")
    admin = browser(guarded, "admin").client

    asked = [
        admin.get("/flower/task/\xfc b"),
        admin.get("/flower/", query_string="name=%FF\xfc"),
    ]
    assert [answer.status_code for answer in asked] == [503] * 2
