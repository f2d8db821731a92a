"""The daemon's own HTTP port: health, restart, nudge, and for agents on this machine what they say of themselves."""

from __future__ import annotations

import contextlib
import errno
import json
import socket
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

from node_daemon import __version__, log, messages
from node_daemon.agent_words import port as agents_port
from node_daemon.agent_words.words import AgentWords
from node_daemon.agents.supervisor import Supervisor, SupervisorBusy
from node_daemon.errors import SettingsError

READ_DEADLINE = 5.0
LARGEST_BODY = 4096
MOST_REQUESTS = 32
# The port knows nobody: whoever reaches it could restart the agents. The control plane's order comes another way.
NO_DIRECT_RESTART = (
    "this node takes restarts only from its control plane, in the answer to a heartbeat; "
    "WORKER_ALLOW_DIRECT_RESTART=1 on the node lets anybody who reaches this port restart its agents"
)
BIND_PATIENCE = 3.0  # an earlier daemon may still be letting go of the port


@dataclass(frozen=True)
class Node:
    """What the port serves."""

    node_id: str
    supervisor: Supervisor
    nudge: Callable[[], None]
    started: float  # monotonic
    direct_restart: bool = False  # whether anybody who reaches the port may restart the agents
    is_heard: Callable[[], bool] = bool  # whether the control plane took the last report
    words: AgentWords | None = None


class NodeServer(ThreadingHTTPServer):
    """One thread per request, a bounded number of them, none of which keeps the process alive."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, bind: str, port: int, node: Node) -> None:
        self.address_family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        self.node = node
        self._places = threading.BoundedSemaphore(MOST_REQUESTS)
        super().__init__((bind, port), NodeRequest)

    def server_bind(self) -> None:
        # Not the one of HTTPServer: that asks the name service for our name, which can take seconds.
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's signature
        log.debug("a request to the node's port broke off")


class NodeRequest(BaseHTTPRequestHandler):
    """One request on one connection, which is then closed."""

    server: NodeServer
    timeout = READ_DEADLINE
    server_version = f"muster-node-daemon/{__version__}"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        # The time limit above is per read: this one is for the whole request, however slowly it drips in.
        self._watch = threading.Timer(READ_DEADLINE, _cut, [self.connection])
        self._watch.daemon = True
        self._watch.start()

    def finish(self) -> None:
        self._watch.cancel()
        super().finish()

    def do_GET(self) -> None:
        if self._path().startswith("/agents/"):
            self._answer_agent(b"")
        elif self._path() in ("/health", "/api/status"):
            self._answer(200, self._health())
        elif self._path() in ("/restart", "/nudge"):
            self._answer(405, {"error": "use POST"}, allow="POST")
        else:
            self._answer(404, {"error": "this node serves /health, /restart and /nudge"})

    def do_POST(self) -> None:
        body = self._read_body()
        if body is None:
            return
        if self.headers.get("Origin") is not None:
            # Only browsers send it: no page that somebody visits on this machine may restart agents.
            self._answer(403, {"ok": False, "error": "requests from web pages are refused"})
        elif self._path().startswith("/agents/"):
            self._answer_agent(body)
        elif self._path() == "/nudge":
            self.server.node.nudge()
            self._answer(202, {"ok": True})
        elif self._path() == "/restart":
            self._restart()
        elif self._path() in ("/health", "/api/status"):
            self._answer(405, {"error": "use GET"}, allow="GET")
        else:
            self._answer(404, {"error": "this node serves /health, /restart and /nudge"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002 - the base class's signature
        log.debug("request to the node's port", peer=self.client_address[0], what=str(args[0])[:80] if args else "")

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _answer_agent(self, body: bytes) -> None:
        words = self.server.node.words
        if words is None or not agents_port.is_local(self.client_address[0], self.headers.get("Host")):
            self._answer(403, {"error": "only agents on this machine, under a loopback address, may use this"})
            return
        status, said = agents_port.answered(words, self.command, self._path(), body)
        self._answer(status, said)

    def _health(self) -> dict[str, Any]:
        node = self.server.node
        return {
            "status": "ok",
            "nodeId": node.node_id,
            "version": __version__,
            "uptime": round(time.monotonic() - node.started, 1),
            "agents": sum(agent.is_running for agent in node.supervisor.list()),
            "agentId": None,
            "heard": node.is_heard(),
        }

    def _restart(self) -> None:
        if not self.server.node.direct_restart:
            self._answer(403, {"ok": False, "error": NO_DIRECT_RESTART})
            return
        try:
            outcome = self.server.node.supervisor.restart()
        except SupervisorBusy as error:
            self._answer(503, {"ok": False, "error": str(error)})
            return
        agents = messages.started_agents(outcome)
        if outcome.ok:
            self._answer(200, {"ok": True, "message": outcome.message, "agents": agents})
        else:
            self._answer(500, {"ok": False, "error": outcome.message, "agents": agents})

    def _read_body(self) -> bytes | None:
        """Take the body off the connection. Answers the request, and None, when it is too large."""
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or self.headers.get("Transfer-Encoding") is not None:
            self._answer(411, {"error": "send a Content-Length, or no body"})
            return None
        if int(length) > LARGEST_BODY:
            self._answer(413, {"error": f"the body may hold {LARGEST_BODY} bytes at most"})
            return None
        body = self.rfile.read(int(length))
        self._watch.cancel()
        return body

    def _answer(self, status: int, body: dict[str, Any], allow: str = "") -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if allow:
            self.send_header("Allow", allow)
        self.end_headers()
        self.wfile.write(data)


def listen(bind: str, port: int, node: Node) -> NodeServer:
    """Open the port. Raises SettingsError when another program has it."""
    deadline = time.monotonic() + BIND_PATIENCE
    while True:
        try:
            return NodeServer(bind, port, node)
        except PermissionError:
            raise SettingsError(f"PORT {port} may not be opened by this user: choose one above 1023") from None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise SettingsError(f"WORKER_BIND {bind} is not an address of this machine") from None
            if time.monotonic() >= deadline:
                raise SettingsError(f"PORT {port} on {bind} cannot be opened: {error.strerror}") from None
        time.sleep(0.1)


def listen_on_loopback(bind: str, port: int, node: Node) -> NodeServer | None:
    """Open the port for agents on this machine as well, where the one that is open has another address."""
    if bind in ("0.0.0.0", "::") or agents_port.is_loopback(bind):  # noqa: S104 - these hold the loopback address too
        return None
    try:
        return NodeServer("127.0.0.1", port, node)
    except OSError as error:
        log.warn("agents cannot say anything of themselves: no port for them", port=port, reason=error.strerror)
        return None


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        connection.shutdown(socket.SHUT_RDWR)
