"""The HTTP client for the control plane: one deadline per request, no redirects, no secret in any message."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import json
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from node_daemon import __version__
from node_daemon.settings import API

DEADLINE = 10.0
LARGEST_ANSWER = 2**20
LARGEST_ASSIGNMENTS = 2**24
PROGRAM_DEADLINE, LARGEST_PROGRAM = 120.0, 2**26
TOKEN = re.compile(r"/w/[^/\s\"']+")


class Unreachable(Exception):
    """No whole answer came; the message says why and holds no secret."""


@dataclass(frozen=True)
class Answer:
    """What the control plane said. `body` is {} when it was not a JSON object."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    retry_after: str | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        return str(self.body.get("code") or "")

    @property
    def sentence(self) -> str:
        """Why it was refused, in the control plane's words when it has any."""
        if 300 <= self.status < 400:
            return "the control plane answers with a redirect: set ENTERPRISE_URL to its final address"
        said = self.body.get("error")
        text = said if isinstance(said, str) and said else f"the control plane answers {self.status}"
        return redact(text[:300])


def redact(text: str) -> str:
    """The text without the credential that follows /w/ in a URL."""
    return TOKEN.sub("/w/***", text)


class ControlPlane:
    """Sends the messages of a node, each over a connection of its own."""

    credential = ""  # sent with every message but the one that asks for it

    def __init__(self, base_url: str, node_id: str, deadline: float = DEADLINE) -> None:
        self._url = urlsplit(base_url)
        self._node_id = quote(node_id, safe="")
        self._deadline = deadline
        self._tls = ssl.create_default_context() if self._url.scheme == "https" else None

    @property
    def shown(self) -> str:
        """The address, fit for a log."""
        return redact(self._url.geturl())

    def register(self, message: dict[str, Any]) -> Answer:
        """Raises Unreachable."""
        return self._post("/register", message, self._proof())

    def heartbeat(self, message: dict[str, Any]) -> Answer:
        """Raises Unreachable."""
        return self._post(f"/heartbeat/{self._node_id}", message, self._proof())

    def join(self, message: dict[str, Any]) -> Answer:
        """Raises Unreachable."""
        return self._post("/join", message, {"Date": email.utils.formatdate(usegmt=True)})

    def renew(self, message: dict[str, Any]) -> Answer:
        """Raises Unreachable."""
        return self._post(f"/nodes/{self._node_id}/credential", message, self._proof())

    def uninstalled(self, message: dict[str, Any]) -> Answer:
        """The last word of this node. Raises Unreachable."""
        return self._post(f"/nodes/{self._node_id}/uninstalled", message, self._proof())

    def assignments(self) -> Answer:
        """All that this node should run. Raises Unreachable."""
        path = f"{self._url.path}/nodes/{self._node_id}/assignments"
        return _decoded(*self._send("GET", path, None, self._proof(), self._deadline, LARGEST_ASSIGNMENTS))

    def agent_logs(self, message: dict[str, Any]) -> Answer:
        """Lines that agents wrote, already without secrets. Raises Unreachable."""
        return self._post(f"/nodes/{self._node_id}/agent-logs", message, self._proof())

    def program(self, sha256: str) -> bytes:
        """The daemon's program of this build. Raises Unreachable."""
        path = f"{self._url.path[: -len(API)]}/worker.pyz?v={sha256}"
        status, content, _ = self._send("GET", path, None, self._proof(), PROGRAM_DEADLINE, LARGEST_PROGRAM)
        if status != 200:
            raise Unreachable(_decoded(status, content).sentence)
        return content

    def _post(self, path: str, message: dict[str, Any], headers: dict[str, str]) -> Answer:
        body = json.dumps(message, separators=(",", ":")).encode()
        asked = self._send("POST", self._url.path + path, body, headers, self._deadline, LARGEST_ANSWER)
        return _decoded(*asked)

    def _send(
        self, verb: str, path: str, body: bytes | None, headers: dict[str, str], seconds: float, largest: int
    ) -> tuple[int, bytes, str | None]:
        """Status, body and Retry-After. Raises Unreachable."""
        connection = self._connection(seconds)
        deadline = time.monotonic() + seconds
        late = threading.Event()
        watch = threading.Timer(seconds, _cut, [connection, late])
        watch.daemon = True
        watch.start()
        try:
            connection.request(verb, path, body, {**self._headers(), **headers})
            response = connection.getresponse()
            return response.status, _whole(response, deadline, largest), response.getheader("Retry-After")
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(self._why(error, late.is_set(), seconds)) from None
        finally:
            watch.cancel()
            connection.close()

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._tls is not None:
            return http.client.HTTPSConnection(host, port, timeout=seconds, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=seconds)

    def _proof(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credential}"} if self.credential else {}

    def _headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": f"muster-node-daemon/{__version__}",
            "Connection": "close",
        }

    def _why(self, error: Exception, late: bool, seconds: float) -> str:
        where = self._url.hostname
        if late or isinstance(error, socket.timeout):
            return f"{where} did not answer within {seconds:g} s"
        if isinstance(error, socket.gaierror):
            return f"the name {where} cannot be resolved"
        if isinstance(error, ssl.SSLError):
            return f"no safe connection to {where}: {getattr(error, 'verify_message', '') or error.reason}"
        if isinstance(error, http.client.HTTPException):
            return f"{where} broke off its answer ({type(error).__name__})"
        return f"{where} cannot be reached: {getattr(error, 'strerror', None) or type(error).__name__}"


def _whole(response: http.client.HTTPResponse, deadline: float, largest: int) -> bytes:
    raw = b""
    while len(raw) <= largest and time.monotonic() < deadline:
        part = response.read(65536)
        if not part:
            break
        raw += part
    else:
        raise http.client.HTTPException("answer too long")
    expected = response.getheader("Content-Length")
    if expected is not None and expected.isdigit() and len(raw) < int(expected):
        raise http.client.IncompleteRead(raw, int(expected) - len(raw))
    return raw


def _decoded(status: int, raw: bytes, retry_after: str | None = None) -> Answer:
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    return Answer(status, body if isinstance(body, dict) else {}, retry_after)


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a connection whose time is up. A per-read time limit alone would let an answer drip for ever."""
    late.set()
    sock = connection.sock
    if sock is not None:
        with contextlib.suppress(OSError):  # it is closed already
            sock.shutdown(socket.SHUT_RDWR)
