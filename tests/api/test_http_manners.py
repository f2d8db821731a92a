"""Wrong addresses, wrong methods, and failures of our own: always JSON."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services import nodes
from tests.fleet import CLUSTER


@pytest.mark.parametrize("path", ["/nowhere", f"{CLUSTER}/nowhere", "/api", f"{CLUSTER}/jobs/not-an-id", "/api/docs/x"])
def test_an_address_without_anything_is_a_404_in_json(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (404, "application/json", "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "register", {"POST", "OPTIONS"}),
        ("GET", "heartbeat/mac-mini", {"POST", "OPTIONS"}),
        ("POST", "nodes", {"GET", "HEAD", "OPTIONS"}),
        ("PUT", "nodes/mac-mini", {"GET", "HEAD", "DELETE", "OPTIONS"}),
        ("DELETE", "stream", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_a_405_that_names_the_right_ones(
    client: FlaskClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.open(f"{CLUSTER}/{path}", method=method)
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_a_job_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    answer = client.get(f"{CLUSTER}/jobs/00000000-0000-0000-0000-000000000000")
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_job")


def test_a_failure_of_ours_is_a_500_in_json_that_tells_no_secret(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(nodes, "list_nodes", fail)
    answer = client.get(f"{CLUSTER}/nodes")
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (500, "application/json", "internal_error")
    assert b"hunter2" not in answer.data
