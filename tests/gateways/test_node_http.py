"""Calls to a node's own port, against real servers with every kind of character."""

import socket
import time
from collections.abc import Iterator

import pytest
from flask import Flask

from app.gateways import node_http
from app.gateways.node_http import Reply
from tests.gateways.neighbours import (
    Character,
    answering,
    by_path,
    dripping,
    endless,
    neighbour,
    silent,
    speaking,
)
from tests.ports import closed_port

HEALTH = '{"status": "ok", "agentId": "a-1", "version": "0.5.324", "uptime": 5}'
LIMIT = 1.0  # seconds, instead of the 5 of a real call; what is answered at once is answered by then


@pytest.fixture(autouse=True)
def context(made_app: Flask) -> Iterator[None]:
    """The settings say which addresses may be called; in tests, loopback."""
    with made_app.app_context():
        yield


def ask(character: Character, limit: float = 3) -> Reply:
    with neighbour(character) as server:
        return node_http.check_health("127.0.0.1", server.port, limit)


def test_a_node_that_answers_is_alive_with_what_it_says() -> None:
    reply = ask(answering("200 OK", HEALTH))
    assert (reply.ok, reply.code, reply.error) == (True, "ok", "")
    assert (reply.body["version"], reply.body["agentId"]) == ("0.5.324", "a-1")
    assert 0 <= reply.latency_ms < 1000


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "204 No Content", "299 Fine"])
@pytest.mark.parametrize("body", ["", "fine", "[1]", '"ok"', "{", "null"])
def test_any_2xx_is_alive_whatever_the_body(status: str, body: str) -> None:
    reply = ask(answering(status, body))
    assert (reply.ok, reply.body) == (True, {})


def test_an_agent_that_has_only_its_status_page_is_alive() -> None:
    with neighbour(by_path(status=answering("200 OK", HEALTH))) as server:
        assert node_http.check_health("127.0.0.1", server.port, 3).ok
        assert server.requests == ["GET /health HTTP/1.1", "GET /api/status HTTP/1.1"]


def test_the_status_page_is_not_asked_when_the_first_call_was_answered() -> None:
    with neighbour(answering("200 OK")) as server:
        node_http.check_health("127.0.0.1", server.port, 3)
        assert server.requests == ["GET /health HTTP/1.1"]


def test_an_error_answer_is_told_with_its_status() -> None:
    reply = ask(answering("500 Internal Server Error", HEALTH))
    assert (reply.ok, reply.code) == (False, "http_error")
    assert "answered 500 to GET /api/status" in reply.error


def test_a_redirect_is_not_followed() -> None:
    with neighbour(answering("200 OK", HEALTH)) as other:
        away = answering("302 Found", headers=f"Location: http://127.0.0.1:{other.port}/health\r\n")
        reply = ask(away)
        assert (reply.ok, reply.code) == (False, "http_error")
        assert "302" in reply.error
        assert other.requests == []


def test_a_refused_port_is_named_in_the_error() -> None:
    port = closed_port()
    reply = node_http.check_health("127.0.0.1", port, 3)
    assert (reply.ok, reply.code) == (False, "refused")
    assert f"127.0.0.1 refuses port {port}" in reply.error


@pytest.mark.parametrize("character", [silent, dripping(b""), dripping(b"HTTP/1.1 ")])
def test_a_node_that_does_not_come_to_an_end_costs_no_more_than_the_limit(character: Character) -> None:
    began = time.monotonic()
    reply = ask(character, LIMIT)
    assert (reply.ok, reply.code) == (False, "timeout")
    assert "did not answer in time" in reply.error
    assert LIMIT - 0.1 < time.monotonic() - began < LIMIT + 1


@pytest.mark.parametrize("rest", [b"X: ", b"Content-Length: 1000\r\n\r\n"])
def test_a_node_that_said_200_is_alive_though_the_rest_never_ends(rest: bytes) -> None:
    began = time.monotonic()
    reply = ask(dripping(b"HTTP/1.1 200 OK\r\n" + rest), LIMIT)
    assert (reply.ok, reply.body) == (True, {})
    assert time.monotonic() - began < LIMIT + 1


def test_a_machine_that_takes_no_calls_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        reply = node_http.check_health("127.0.0.1", port, LIMIT)
        for one in waiting:
            one.close()
    assert (reply.ok, reply.code) == (False, "timeout")


@pytest.mark.parametrize(
    "raw", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00\x01\x02", b"", b"HTTP/1.1 abc\r\n\r\n", b"x" * 70_000]
)
def test_what_does_not_speak_http_is_told_as_such(raw: bytes) -> None:
    reply = ask(speaking(raw))
    assert (reply.ok, reply.code) == (False, "not_http")
    assert "does not speak HTTP" in reply.error


def test_an_answer_without_end_is_read_only_to_a_limit() -> None:
    began = time.monotonic()
    reply = ask(endless)
    assert (reply.ok, reply.body) == (True, {})
    assert time.monotonic() - began < 2


def test_a_host_without_an_address_is_told() -> None:
    reply = node_http.check_health("no-such-host.invalid", 80, 3)
    assert (reply.ok, reply.code) == (False, "unknown_host")
    assert "no-such-host.invalid" in reply.error


def test_the_steps_of_a_call_are_told_with_their_times() -> None:
    assert [(step["name"], step["ok"]) for step in ask(answering("200 OK")).steps] == [
        ("resolve", True),
        ("connect", True),
        ("answer", True),
    ]
    refused = node_http.check_health("127.0.0.1", closed_port(), 3)
    assert [(step["name"], step["ok"]) for step in refused.steps] == [("resolve", True), ("connect", False)]


def test_a_restart_that_the_node_takes_is_ok() -> None:
    with neighbour(by_path(restart=answering("202 Accepted"))) as server:
        assert node_http.restart("127.0.0.1", server.port).ok
        assert server.requests == ["POST /restart HTTP/1.1"]


def test_an_existing_agent_without_a_restart_route_is_a_failure() -> None:
    with neighbour(by_path(health=answering("200 OK"))) as server:
        reply = node_http.restart("127.0.0.1", server.port)
    assert (reply.ok, reply.code) == (False, "http_error")
    assert "404" in reply.error


def test_a_nudge_that_nobody_hears_is_only_a_failed_reply() -> None:
    assert node_http.nudge("127.0.0.1", closed_port()).code == "refused"


def test_an_answer_of_an_unknown_host_with_control_characters_does_no_harm() -> None:
    reply = ask(answering("200 OK", '{"version": "\\u0000\\u001b[31m", "agentId": {"a": 1}}'))
    assert reply.ok
