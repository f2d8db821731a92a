"""Whatever answers a call: it is led nowhere else, reads little, and ends in time."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from flask import Flask

from app.gateways import node_http
from app.gateways.node_http import Reply
from app.gateways.outgoing import connection
from app.gateways.outgoing.exchange import LARGEST_ANSWER
from tests.gateways.neighbours import Character, answering, dripping, neighbour, speaking
from tests.gateways.victim import Victim, entry

LIMIT = 0.3  # seconds, instead of the 5 of a real call


@pytest.fixture(autouse=True)
def context(made_app: Flask) -> Iterator[None]:
    with made_app.app_context():
        yield


def ask(character: Character, limit: float = LIMIT) -> tuple[Reply, float]:
    with neighbour(character) as server:
        began = time.monotonic()
        reply = node_http.check_health("127.0.0.1", server.port, limit)
        return reply, time.monotonic() - began


@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
@pytest.mark.parametrize("header", ["Location", "Refresh", "Content-Location", "Alt-Svc"])
def test_no_redirect_is_followed(status: int, header: str) -> None:
    with closing(Victim()) as victim:
        place = f"http://127.0.0.1:{victim.port}/restart"
        value = {"Refresh": f"0; url={place}", "Alt-Svc": f'h2="127.0.0.1:{victim.port}"'}.get(header, place)
        away = answering(f"{status} Away", headers=f"{header}: {value}\r\n")
        for call in (node_http.check_health, node_http.restart, node_http.nudge):
            with neighbour(away) as server:
                reply = call("127.0.0.1", server.port, 3)
                assert (reply.ok, reply.code) == (False, "http_error")
        assert victim.hits() == 0


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Victim()) as victim, neighbour(answering("200 OK")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{victim.port}")
        assert node_http.check_health("127.0.0.1", server.port, 3).ok
        assert victim.hits() == 0


def flooding(head: bytes, chunk: bytes) -> tuple[Character, list[int]]:
    """Sends the head and then as much as the other side takes, and keeps count of it."""
    sent: list[int] = []

    def answer(opened: socket.socket, _request: str) -> None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with suppress(OSError):
            opened.sendall(head)
            for _ in range(20_000):
                sent.append(opened.send(chunk))

    return answer, sent


@pytest.mark.parametrize(
    ("head", "chunk", "code"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 4096, "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", b"x" * 4096, "ok"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096, "ok"),  # a head that never ends, after it said 200
        (b"HTTP/1.1 500 No\r\nX: ", b"x" * 4096, "http_error"),
        (b"", b"x" * 4096, "not_http"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 600, "not_http"),
    ],
)
def test_a_flood_is_read_only_to_a_limit(head: bytes, chunk: bytes, code: str) -> None:
    character, sent = flooding(head, chunk)
    reply, seconds = ask(character, 5)
    assert reply.code == code
    assert seconds < 2
    assert sum(sent) < LARGEST_ANSWER + 6 * 2**20  # what the kernel's buffers hold comes on top


def test_of_an_answer_no_more_than_the_limit_is_read() -> None:
    body = b'{"version": "' + b"1" * LARGEST_ANSWER + b'"}'
    whole, _ = ask(speaking(b'HTTP/1.1 200 OK\r\n\r\n{"version": "' + b"1" * (LARGEST_ANSWER - 100) + b'"}'), 5)
    cut, _ = ask(speaking(b"HTTP/1.1 200 OK\r\n\r\n" + body), 5)
    assert (len(whole.body["version"]), cut.ok, cut.body) == (LARGEST_ANSWER - 100, True, {})


def test_an_answer_that_nests_without_end_does_no_harm() -> None:
    reply, _ = ask(speaking(b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 16_000), 5)
    assert (reply.ok, reply.body) == (True, {})


@pytest.mark.parametrize(
    "head", [b"", b"H", b"HTTP/1.1 ", b"HTTP/1.1 200", b"HTTP/1.1 100 Continue\r\n", b"HTTP/1.1 404 No\r\n"]
)
def test_a_slow_answer_ends_with_the_limit(head: bytes) -> None:
    reply, seconds = ask(dripping(head))
    assert not reply.ok
    assert seconds < LIMIT + 1


def test_both_requests_of_a_health_check_share_one_limit() -> None:
    slow = threading.Event()

    def tardy(opened: socket.socket, request: str) -> None:
        slow.wait(0.7)
        answering("404 Not Found")(opened, request)

    reply, seconds = ask(tardy, 1)
    assert reply.code == "timeout"  # with a limit of its own the second one would be answered too: "http_error"
    assert seconds < 2


def test_a_neighbour_that_hangs_up_at_once_is_told_as_such() -> None:
    def hang_up(opened: socket.socket, _request: str) -> None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        opened.close()

    assert ask(hang_up, 5)[0].code == "not_http"


def test_an_address_that_hangs_leaves_time_for_the_next_one() -> None:
    with socket.create_server(("127.0.0.2", 0), backlog=0) as full, neighbour(answering("200 OK")) as server:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.2", port))
        target = connection.Target("two.example", port, (entry("127.0.0.2", port), entry("127.0.0.1", server.port)))
        began = time.monotonic()
        with connection.open_to(target, began + 2) as opened:
            assert time.monotonic() - began < 1.8
            assert opened.getpeername() == ("127.0.0.1", server.port)
        for one in waiting:
            one.close()
