"""What no ordinary client sends, straight into the socket of a real gunicorn."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.identity import secret
from app.domain.identity.secret import SecretKind
from config import Settings
from tests.fleet import until
from tests.journeys.control_plane import free_port

ROOT = Path(__file__).parents[2]
HELLO = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = "POST /api/engine/cluster/register HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
HIDDEN = "GET /hidden HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
PATIENCE = 8.0  # seconds


class Server:
    """A gunicorn as the Procfile starts it, with short times and an access log."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self.log = port, log

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def send(self, raw: str) -> str:
        """All that comes back until the server closes or is silent."""
        with self.connect() as connection:
            connection.sendall(raw.encode("latin-1"))
            return read_all(connection)


def read_all(connection: socket.socket) -> str:
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts).decode("latin-1")


def statuses(answer: str) -> list[int]:
    return [int(found) for found in re.findall(r"HTTP/1\.[01] (\d{3}) ", answer)]


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server; headers have one second to arrive and bodies too."""
    log, port = tmp_path_factory.mktemp("raw") / "web.log", free_port()
    urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    there = {"HOST": "127.0.0.1", "PORT": str(port), "CLUSTER_AUTH": "off", "BODY_TIMEOUT": "1"}
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-c", "docker/gunicorn.conf.py", "--keep-alive", "1"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--access-logfile", "-"],
            cwd=ROOT,
            env={**os.environ, **urls, **there, "FORWARDED_ALLOW_IPS": "*"},
            stdout=output,
            stderr=output,
        )
    made = Server(port, log)
    try:
        until(lambda: answers(made), 30)
        yield made
    finally:
        process.terminate()
        process.wait(20)


def answers(server: Server) -> bool:
    try:
        return statuses(server.send(HELLO + "Connection: close\r\n\r\n")) == [200]
    except OSError:
        return False


SMUGGLING = {
    "two lengths": POST + f"Content-Length: 0\r\nContent-Length: {len(HIDDEN)}\r\n\r\n" + HIDDEN,
    "two lengths in one": POST + f"Content-Length: 0, {len(HIDDEN)}\r\n\r\n" + HIDDEN,
    "the same length twice": POST + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + HIDDEN,
    "a length with a sign": POST + "Content-Length: +2\r\n\r\n{}" + HIDDEN,
    "a length with an underscore": POST + "Content-Length: 0_2\r\n\r\n{}" + HIDDEN,
    "a length below nothing": POST + "Content-Length: -2\r\n\r\n{}" + HIDDEN,
    "a length and chunks": POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and a length": POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "an unknown coding": POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked twice": POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked, but not at last": POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a chunk size with 0x": POST + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n" + HIDDEN,
    "a folded header": POST + "X-Long: a\r\n b\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a folded coding": POST + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a space before the colon": POST + "Content-Length : 2\r\n\r\n{}" + HIDDEN,
    "two hosts": HELLO + "Host: evil.example\r\n\r\n" + HIDDEN,
    "a bare line feed": HELLO.replace("\r\n", "\n") + "\n" + HIDDEN,
    "a bare carriage return": HELLO + "X-A: b\rX-B: c\r\n\r\n" + HIDDEN,
    "a nul": HELLO + "X-A: b\x00c\r\n\r\n" + HIDDEN,
    "a control character in the target": HELLO.replace("/healthz", "/healthz\x0b") + "\r\n" + HIDDEN,
}


@pytest.mark.parametrize("trick", SMUGGLING)
def test_a_message_that_two_servers_could_read_differently_is_refused_and_ends_the_connection(
    server: Server, trick: str
) -> None:
    answer = server.send(SMUGGLING[trick])
    assert [status for status in statuses(answer) if status not in (400, 501)] == [], answer
    assert len(statuses(answer)) <= 1
    assert "Traceback" not in answer


def test_two_proper_requests_on_one_connection_are_both_answered(server: Server) -> None:
    """The cases above would prove nothing if a second request were never answered."""
    chunks = POST + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert statuses(server.send(chunks + HELLO + "\r\n" + HIDDEN)) == [400, 200, 404]


def test_the_name_in_an_absolute_target_is_the_one_that_counts(server: Server) -> None:
    for name, status in (("127.0.0.1", 200), ("evil.example", 421)):
        target = f"http://{name}/api/openapi.json"
        assert statuses(server.send(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")) == [
            status
        ]


@pytest.mark.parametrize(
    "line",
    ["GET http://[bad/ HTTP/1.1", "CONNECT evil.example:443 HTTP/1.1", "GET http:///x HTTP/1.1", "GET x HTTP/1.1"],
)
def test_an_odd_target_is_our_clients_fault_and_never_ours(server: Server, line: str) -> None:
    found = statuses(server.send(f"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
    assert [status for status in found if not 400 <= status < 500] == []


def test_a_request_that_names_no_host_gets_health_only(server: Server) -> None:
    assert statuses(server.send("GET /healthz HTTP/1.0\r\n\r\n")) == [200]
    assert statuses(server.send("GET /api/openapi.json HTTP/1.0\r\n\r\n")) == [421]


FORGED = (
    "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Ssl: on\r\nX-Forwarded-Host: evil.example\r\n"
    "Forwarded: for=6.6.6.6;proto=https\r\nX-Real-Ip: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\n"
    "X-Request-Id: forged-request-id\r\nScript_Name: /below\r\nPath_Info: /hidden\r\n"
)


def test_nobody_may_speak_for_others_not_even_from_loopback_or_by_gunicorns_own_setting(server: Server) -> None:
    answer = server.send(HELLO.replace("/healthz", "/api/openapi.json") + FORGED + "Connection: close\r\n\r\n")
    assert statuses(answer) == [200]
    assert "forged-request-id" not in answer
    assert "Strict-Transport-Security" not in answer
    until(lambda: "/api/openapi.json" in server.log.read_text())
    assert "6.6.6.6" not in server.log.read_text()


def test_a_credential_in_the_path_is_not_in_the_access_log(server: Server) -> None:
    made = secret.make(SecretKind.NODE_CREDENTIAL)
    for path in (f"/w/{made}/logged-1", f"/logged-2?token={made}", "/w/odd-Credential/logged-3"):
        server.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nReferer: http://a/{made}\r\nConnection: close\r\n\r\n")
    until(lambda: "logged-3" in server.log.read_text())
    assert "logged-1" in server.log.read_text()
    assert made.partition("_")[2] not in server.log.read_text()
    assert "odd-Credential" not in server.log.read_text()


def drip(connection: socket.socket, piece: bytes) -> str:
    """Send a little every tenth of a second until the server closes; all that it said."""
    began, said = time.monotonic(), b""
    connection.settimeout(0.1)
    while time.monotonic() - began < PATIENCE:
        try:
            connection.sendall(piece)
            part = connection.recv(65536)
            if not part:
                return said.decode("latin-1")
            said += part
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            return said.decode("latin-1") + read_all(connection)
    pytest.fail("the connection was still open")


@pytest.mark.parametrize("path", ["register", "heartbeat/mac-mini", "hidden"])
@pytest.mark.parametrize("framing", ["Content-Length: 60000\r\n", "Transfer-Encoding: chunked\r\n"])
def test_a_body_that_drips_in_is_cut(server: Server, path: str, framing: str) -> None:
    with server.connect() as connection:
        connection.sendall((POST.replace("register", path) + framing + "\r\n").encode())
        answer = drip(connection, b"1\r\na\r\n" if "chunked" in framing else b"x")
        assert statuses(answer) == [404 if path == "hidden" else 408]


def test_headers_that_drip_in_are_cut(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(HELLO.encode())
        assert drip(connection, b"X-A: b\r\n") == ""


def test_a_hundred_slow_clients_hold_up_nobody(server: Server) -> None:
    slow = [server.connect() for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall((POST + "Content-Length: 60000\r\n\r\n{").encode())
        began = time.monotonic()
        assert statuses(server.send(HELLO + "Connection: close\r\n\r\n")) == [200]
        assert time.monotonic() - began < 5  # one after the other they would have taken a second each
        assert {tuple(statuses(read_all(connection))) for connection in slow} == {(408,)}
    finally:
        for connection in slow:
            connection.close()
