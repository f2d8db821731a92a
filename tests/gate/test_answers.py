"""What every answer carries, whatever it answers: an id, and headers that make a browser careful."""

import logging
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api.gate.headers import HEADERS
from app.services import nodes
from tests.fleet import CLUSTER, Fleet

ANSWERS = {
    "a page": ("GET", "/sign-in"),
    "a probe": ("GET", "/healthz"),
    "a list": ("GET", f"{CLUSTER}/nodes"),
    "the explorer": ("GET", "/api/docs/"),
    "the document": ("GET", "/api/openapi.json"),
    "nothing there": ("GET", "/nowhere"),
    "a wrong method": ("PUT", "/healthz"),
    "a bad body": ("POST", f"{CLUSTER}/register"),
    "another site": ("POST", f"{CLUSTER}/register?from=elsewhere"),
    "the methods": ("OPTIONS", f"{CLUSTER}/nodes"),
    "a redirect": ("GET", "/api/docs"),
}


def fail() -> None:
    raise RuntimeError("the roof is on fire")


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_has_an_id_and_safe_headers(client: FlaskClient, fleet: Fleet, kind: str) -> None:
    fleet.add()
    method, path = ANSWERS[kind]
    origin = {"Origin": "https://elsewhere.example"} if "elsewhere" in path else {}
    with client.open(path, method=method, headers=origin) as answer:
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])
        for name, value in HEADERS:
            if (kind, name) != ("the explorer", "Content-Security-Policy"):
                assert answer.headers.getlist(name) == [value]
        assert "Strict-Transport-Security" not in answer.headers


def test_the_answer_to_a_heartbeat_has_only_what_guards_json(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    answer = client.post(f"{CLUSTER}/heartbeat/mac-mini")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.headers.keys()) == {
        "Content-Type",
        "Content-Length",
        "X-Content-Type-Options",
        "Cache-Control",
        "X-Request-Id",
    }


def test_a_stream_has_them_too(client: FlaskClient) -> None:
    with client.get(f"{CLUSTER}/stream") as answer:
        assert answer.mimetype == "text/event-stream"
        assert answer.headers["X-Request-Id"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_each_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    assert len({client.get("/healthz").headers["X-Request-Id"] for _ in range(20)}) == 20


@pytest.mark.parametrize("path", ["/nowhere", f"{CLUSTER}/nodes/gone", f"{CLUSTER}/nodes?limit=x"])
def test_an_error_names_the_id_of_its_request(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.json["requestId"] == answer.headers["X-Request-Id"]


def test_the_log_of_a_failure_can_be_found_by_the_id_of_the_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(nodes, "list_nodes", fail)
    answer = client.get(f"{CLUSTER}/nodes")
    assert answer.status_code == 500
    assert "roof" not in answer.text
    assert f"[request {answer.json['requestId']}]" in caplog.text
    assert "the roof is on fire" in caplog.text


def test_lines_of_libraries_carry_the_id_too(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(nodes, "list_nodes", lambda: logging.getLogger("other.package").error("odd") or fail())
    request_id = client.get(f"{CLUSTER}/nodes").headers["X-Request-Id"]
    assert f"odd [request {request_id}]" in caplog.messages


def test_who_comes_by_tls_is_told_to_stay_with_it(client: FlaskClient) -> None:
    answer = client.get("/healthz", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_json_is_not_kept_by_caches_unless_it_has_an_etag(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    assert client.get("/healthz").headers["Cache-Control"] == "no-store"
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"
    listed = client.get(f"{CLUSTER}/nodes")
    assert (listed.headers["Cache-Control"], "ETag" in listed.headers) == ("no-cache", True)
