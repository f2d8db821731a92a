"""The HTTP client against a real server with characters."""

from __future__ import annotations

import time

import pytest
from daemon_doubles import FakeControlPlane, free_port

from node_daemon.control_plane import ControlPlane, Unreachable, redact


def test_messages_go_below_the_path_of_the_url(control_plane: FakeControlPlane) -> None:
    client = ControlPlane(control_plane.api, "n1")

    assert client.register({"nodeId": "n1"}).ok
    assert client.heartbeat({"commandResults": []}).body["ok"] is True
    assert control_plane.paths == [
        "/w/secret-token/api/engine/cluster/register",
        "/w/secret-token/api/engine/cluster/heartbeat/n1",
    ]


@pytest.mark.parametrize(
    ("character", "status", "sentence"),
    [
        ("refuses", 503, "the database is away"),
        ("conflict", 409, "another machine uses this id"),
        ("redirects", 307, "set ENTERPRISE_URL to its final address"),
    ],
)
def test_a_refusal_is_told_in_one_sentence(
    control_plane: FakeControlPlane, character: str, status: int, sentence: str
) -> None:
    control_plane.character = character

    answer = ControlPlane(control_plane.api, "n1").register({})

    assert (answer.ok, answer.status) == (False, status)
    assert sentence in answer.sentence


def test_the_credential_is_taken_out_of_what_the_server_says(control_plane: FakeControlPlane) -> None:
    control_plane.character = "invalid"

    client = ControlPlane(control_plane.api, "n1")

    assert client.register({}).sentence == "host is not valid at /w/***/x"
    assert "secret-token" not in client.shown
    assert redact("http://c/w/secret-token") == "http://c/w/***"


@pytest.mark.parametrize(
    ("character", "deadline", "why"),
    [("drops", 5, "broke off"), ("silent", 0.3, "within 0.3 s"), ("drips", 0.3, "within 0.3 s")],
)
def test_every_request_ends_at_its_deadline(
    control_plane: FakeControlPlane, character: str, deadline: float, why: str
) -> None:
    control_plane.character = character
    began = time.monotonic()

    with pytest.raises(Unreachable, match=why) as failure:
        ControlPlane(control_plane.api, "n1", deadline=deadline).register({})

    assert time.monotonic() - began < deadline + 2
    assert "secret-token" not in str(failure.value)


def test_a_refused_connection_is_named() -> None:
    client = ControlPlane(f"http://127.0.0.1:{free_port()}/w/secret-token/api", "n1")

    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1 cannot be reached: Connection refused$"):
        client.register({})
