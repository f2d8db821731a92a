"""Stand-ins for the daemon's neighbours: a control plane with characters, and a handle on real daemons."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def eventually(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first true answer of the condition. Fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def written(path: Path) -> str:
    """What an agent wrote so far."""
    return path.read_text() if path.exists() else ""


def is_alive(pid: int) -> bool:
    """Whether the process lives; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def end_agents(state_folder: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        saved = json.loads((state_folder / "processes.json").read_text())
        for record in saved["agents"].values():
            if record["pid"] is not None:
                with contextlib.suppress(OSError):
                    os.killpg(record["pid"], signal.SIGKILL)


class FakeControlPlane:
    """Accepts, until `character` says otherwise.

    refuses, unknown, conflict, invalid, denied, busy: answers with an error. redirects: to another host.
    drops: breaks off its answer. silent: never answers. drips: one byte at a time, for ever.
    """

    def __init__(self) -> None:
        self.character = "accepts"
        self.interval_ms: object = 60_000
        self.commands: list[dict[str, Any]] = []
        self.assignments: dict[str, Any] = {"revision": 0, "agents": []}
        self.headers: dict[str, str] = {}
        self.programs: dict[str, bytes] = {}  # what is downloaded, by the checksum that is asked for
        self.log_parts: list[dict[str, Any]] = []
        self.watches_logs = True
        self.registrations: list[dict[str, Any]] = []
        self.heartbeats: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.times: list[float] = []
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/w/secret-token"
        self.api = self.url + "/api/engine/cluster"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def results(self) -> list[dict[str, Any]]:
        return [one for beat in self.heartbeats for one in beat["commandResults"]]

    def answer(self, request: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        self.paths.append(request.path)
        self.times.append(time.monotonic())
        if request.path.endswith("/agent-logs") and self.character == "accepts":
            self.log_parts.append(message)
            self._send(request, 200, {} if self.watches_logs else {"stop": True}, {})
            return
        is_beat = "/heartbeat/" in request.path
        (self.heartbeats if is_beat else self.registrations).append(message)
        if self.character == "silent":
            self._released.wait(30)
        elif self.character == "drops":
            request.wfile.write(b'HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\n{"ok": tr')
        elif self.character == "drips":
            self._drip(request)
        elif self.character == "redirects":
            self._send(request, 307, {}, {"Location": "http://elsewhere.invalid/w/secret-token"})
        else:
            self._send(request, *self._refusal(is_beat) or (200, self._acceptance(is_beat, message)), self.headers)

    def answer_get(self, request: BaseHTTPRequestHandler) -> None:
        if not request.path.endswith("/nodes/n1/assignments"):
            self.send_program(request)
        elif self.character == "silent":
            self._released.wait(30)
        elif self.character == "drops":
            request.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\n{")
        else:
            self._send(request, *self._refusal(False) or (200, self.assignments), {})

    def assign(self, *agents: dict[str, Any], **said: Any) -> int:
        """What the node should run from now on; answers its revision."""
        revision: int = self.assignments["revision"] + 1
        self.assignments = {"revision": revision, "agents": list(agents), **said}
        return revision

    def send_program(self, request: BaseHTTPRequestHandler) -> None:
        content = self.programs.get(request.path.rpartition("/worker.pyz?v=")[2])
        request.send_response(200 if content else 404)
        request.end_headers()
        request.wfile.write(content or b'{"error": "no such build"}')

    def _refusal(self, is_beat: bool) -> tuple[int, dict[str, Any]] | None:
        if self.character == "unknown":
            return (404, {"error": "Node not found", "code": "unknown_node"}) if is_beat else None
        return {
            "refuses": (503, {"error": "the database is away"}),
            "conflict": (409, {"error": "another machine uses this id", "code": "node_conflict"}),
            "invalid": (400, {"error": "host is not valid at /w/secret-token/x"}),
            "denied": (401, {"error": "the credential was revoked"}),
            "busy": (429, {"error": "too many"}),
        }.get(self.character)

    def _acceptance(self, is_beat: bool, message: dict[str, Any]) -> dict[str, Any]:
        if not is_beat:
            return {"nodeId": "n1"}
        revision = self.assignments["revision"]
        news = {} if message.get("assignments", 0) == revision else {"assignments": revision}
        return {"ok": True, "heartbeatIntervalMs": self.interval_ms, "commands": self.commands, **news}

    def _send(
        self, request: BaseHTTPRequestHandler, status: int, body: dict[str, Any], headers: dict[str, str]
    ) -> None:
        data = json.dumps(body).encode()
        request.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            request.send_header(key, value)
        request.end_headers()
        request.wfile.write(data)

    def _drip(self, request: BaseHTTPRequestHandler) -> None:
        with contextlib.suppress(OSError):
            while not self._released.wait(0.05):
                request.wfile.write(b"H")


def _handler_of(plane: FakeControlPlane) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with contextlib.suppress(OSError):
                plane.answer(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                plane.answer_get(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


class Daemon:
    """A real daemon process: `python -m node_daemon` with a home of its own."""

    def __init__(self, home: Path, enterprise_url: str) -> None:
        self.home = home
        self.port = free_port()
        self.agents_file = home / ".agenticmail" / "agents.json"
        self.agents_file.parent.mkdir(parents=True)
        self.log = home / "daemon.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.program = ["-m", "node_daemon"]
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "ENTERPRISE_URL": enterprise_url,
            "WORKER_NODE_ID": "n1",
            "PORT": str(self.port),
            "LOG_LEVEL": "debug",
        }

    def write_agents(self, ids: Sequence[str], command: Sequence[str] = ("sleep", "120")) -> None:
        agents = [{"id": one, "name": one.title(), "role": "tester", "command": list(command)} for one in ids]
        fresh = self.agents_file.with_suffix(".new")
        fresh.write_text(json.dumps({"agents": agents}))
        fresh.replace(self.agents_file)

    def start(self, *arguments: str) -> Daemon:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, *arguments], cwd=ROOT, env=self.env, stdout=output, stderr=output
            )
        return self

    def finish(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run to the end; for flags and for daemons that do not start."""
        command = [sys.executable, "-m", "node_daemon", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=20, check=False)

    def signal(self, number: int) -> float:
        """Send a signal and wait for the end; answers how many seconds it took."""
        assert self.process is not None
        self.process.send_signal(number)
        return self._seconds_to_end()

    def signal_to_another_thread(self, number: int) -> float:
        """The same, as the kernel does when the first thread is not free to take it."""
        assert self.process is not None
        threads = eventually(self._other_threads)
        assert ctypes.CDLL(None).tgkill(self.process.pid, threads[-1], number) == 0
        return self._seconds_to_end()

    def _other_threads(self) -> list[int]:
        assert self.process is not None
        found = (int(entry.name) for entry in Path(f"/proc/{self.process.pid}/task").iterdir())
        return sorted(number for number in found if number != self.process.pid)

    def _seconds_to_end(self) -> float:
        assert self.process is not None
        began = time.monotonic()
        self.process.wait(15)
        return time.monotonic() - began

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGKILL)

    def pids(self) -> dict[str, int]:
        """The living agents by id, as the state folder has them."""
        try:
            saved = json.loads((self.home / ".agenticmail/daemon/processes.json").read_text())["agents"]
        except OSError:
            return {}
        return {one: record["pid"] for one, record in saved.items() if record["pid"] and is_alive(record["pid"])}

    def answers(self) -> None:
        """Wait until its port answers."""

        def does_it() -> bool:
            with contextlib.suppress(OSError):
                return self.ask("GET", "/health")[0] == 200
            return False

        eventually(does_it)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()
