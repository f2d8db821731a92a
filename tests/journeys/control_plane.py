"""A whole control plane of real processes on a database of its own, with times that a test can wait for."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg2

from app.domain.identity import secret
from app.domain.identity.secret import SecretKind
from tests import lease_watchers
from tests.fleet import until
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
BASE = "/api/engine/cluster"
WORKER = ("celery_worker.py", "--concurrency", "4")  # as the Procfile starts it
QUICK = {"OFFLINE_AFTER": "4", "STALE_CHECK_INTERVAL": "1", "DEAF_AFTER": "3", "HEARTBEAT_INTERVAL": "1"}


class ControlPlane:
    """Web processes, a Celery worker and beat. Every process is ended by `stop`."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, times: dict[str, str]) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "HOST": "127.0.0.1",
            "CLUSTER_AUTH": "off",
            "NODE_CALLS_LOOPBACK": "1",
            **times,
        }
        self.headers: dict[str, str] = {}  # sent with every request
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ports: dict[str, int] = {}
        self.hosts: dict[str, str] = {}

    def start(self, host: str = "127.0.0.1") -> "ControlPlane":
        """Start one web process at that address and Celery, and wait until all is ready."""
        self.run("worker", *WORKER)
        self.run("beat", "-m", "flask", "--app", "wsgi", "beat")
        self.start_web("web", host)  # the others load meanwhile
        until(lambda: self.get("/readyz", base="")[0] == 200, 30)
        return self

    def start_web(self, name: str, host: str = "127.0.0.1") -> None:
        """Start a gunicorn of that name, on the port it had before if it had one."""
        port = self.ports.setdefault(name, free_port())
        self.hosts[name] = host
        self.run(name, "-m", "gunicorn", "wsgi:app", "-c", "docker/gunicorn.conf.py", PORT=str(port), HOST=host)
        until(lambda: self.get("/healthz", base="", name=name)[0] == 200, 60)

    def run(self, name: str, *arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
        """Start a Python program of the repository, in a session of its own."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes[name] = process
        return process

    def kill(self, name: str) -> None:
        """End a process and its children without a chance to say goodbye."""
        self._end(name, signal.SIGKILL)

    def terminate(self, name: str) -> None:
        """Ask a process to end, and wait."""
        process = self.processes[name]
        process.terminate()
        process.wait(20)
        self._end(name, signal.SIGKILL)

    def stop(self) -> None:
        """End everything that is left, and show what it logged: pytest prints it when the test failed."""
        for log in sorted(self.folder.glob("*.log")):
            print(f"--- {log.name}\n{log.read_text()[-2000:]}")  # noqa: T201
        for name in list(self.processes):
            self._end(name, signal.SIGKILL)
        lease_watchers.end(self.folder)

    def address(self, name: str = "web") -> tuple[str, int]:
        """Host and port of a web process."""
        return self.hosts[name], self.ports[name]

    def url(self, name: str = "web") -> str:
        """The address of a web process."""
        return f"http://{self.hosts[name]}:{self.ports[name]}"

    def get(self, path: str, base: str = BASE, name: str = "web") -> tuple[int, Any]:
        """Status and decoded body; status 0 when nobody answers."""
        return self.send("GET", path, base=base, name=name)

    def post(self, path: str, body: Any = None, name: str = "web") -> tuple[int, Any]:
        """The same for a POST of JSON."""
        return self.send("POST", path, {} if body is None else body, name=name)

    def send(self, method: str, path: str, body: Any = None, base: str = BASE, name: str = "web") -> tuple[int, Any]:
        """The same for any method."""
        data = None if body is None else json.dumps(body).encode()
        headers = {**self.headers, **({} if data is None else {"Content-Type": "application/json"})}
        request = urllib.request.Request(self.url(name) + base + path, data, headers, method=method)  # noqa: S310 - our own address
        return self._ask(request)

    @property
    def dsn(self) -> str:
        """The database, for the driver itself."""
        return self.environment["DATABASE_URL"].replace("+psycopg2", "")

    def sign_in(self) -> None:
        """Look at it from now on as an admin's script, made straight in the database."""
        presented = secret.make(SecretKind.API_TOKEN)
        with closing(psycopg2.connect(self.dsn)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO users (id, name, role) VALUES (gen_random_uuid(), 'admin', 'admin')")
            cursor.execute(
                "INSERT INTO api_tokens (id, fingerprint, user_id, name, role, expires_at)"
                " SELECT gen_random_uuid(), %s, id, 'test', role, now() + interval '1 h' FROM users",
                [secret.fingerprint(presented)],
            )
        self.headers = {"Authorization": f"Bearer {presented}"}

    def join_token(self, *options: str) -> str:
        """A new join token, as somebody with a shell on the control plane makes it."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "join-token", *options]
        made = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return made.stdout.strip()

    def delete(self, path: str, name: str = "web") -> tuple[int, Any]:
        """The same for a DELETE."""
        return self._ask(urllib.request.Request(self.url(name) + BASE + path, method="DELETE"))  # noqa: S310 - our own address

    def status_of(self, node_id: str, name: str = "web") -> tuple[str, str]:
        """Status and reason of a node, or two empty strings when it cannot be read."""
        status, node = self.get(f"/nodes/{node_id}", name=name)
        return (node["status"], node["statusReason"]) if status == 200 else ("", "")

    def reasons(self, node_id: str) -> list[str]:
        """The timeline of a node, oldest first."""
        return [entry["reason"] for entry in reversed(self.get(f"/nodes/{node_id}/transitions")[1]["transitions"])]

    def start_daemon(self, node_id: str, **environment: str) -> "subprocess.Popen[bytes]":
        """Start a real node daemon with a state folder of its own."""
        return self.run(
            node_id,
            "-m",
            "node_daemon",
            **{
                "ENTERPRISE_URL": self.url(),
                "WORKER_NODE_ID": node_id,
                "WORKER_STATE_DIR": str(self.folder / node_id),
                "WORKER_STOP_AGENTS_ON_EXIT": "1",
                "PORT": str(free_port()),
                **environment,
            },
        )

    @staticmethod
    def _ask(request: urllib.request.Request) -> tuple[int, Any]:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except (OSError, ValueError):
            return 0, None

    def _end(self, name: str, number: int) -> None:
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        process.wait(10)


class Recorder:
    """Keeps every message of a stream, with the time it came."""

    def __init__(self, url: str) -> None:
        self.messages: list[tuple[float, dict[str, Any]]] = []
        self._answer = urllib.request.urlopen(url, timeout=60)  # noqa: S310 - our own address
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._answer.close()

    def events(self, node_id: str) -> list[str]:
        """The events of one node so far."""
        return [m["event"] for _, m in list(self.messages) if m.get("nodeId") == node_id]

    def first(self, node_id: str, event: str) -> float | None:
        """When such an event first came, in monotonic seconds."""
        found = (at for at, m in list(self.messages) if m.get("nodeId") == node_id and m["event"] == event)
        return next(found, None)

    def _read(self) -> None:
        try:
            for line in self._answer:
                if line.startswith(b"data: "):
                    self.messages.append((time.monotonic(), json.loads(line[6:])))
        except (OSError, ValueError, AttributeError):
            return  # hung up


class Beats:
    """Fake nodes that beat once a second, each to any of the web processes, with one retry as a daemon would."""

    def __init__(self, plane: ControlPlane, count: int, names: tuple[str, ...]) -> None:
        self.plane, self.names = plane, names
        self.node_ids = [f"node-{number:03}" for number in range(count)]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._beat, args=(i,), daemon=True) for i in range(4)]

    def __enter__(self) -> "Beats":
        for node_id in self.node_ids:
            self.plane.post("/register", {"nodeId": node_id, "host": "127.0.0.1", "port": 3101})
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(15)

    def _beat(self, lane: int) -> None:
        while not self._stop.wait(1.0):
            for number, node_id in enumerate(self.node_ids):
                if number % len(self._threads) == lane:
                    self._beat_once(node_id, number)

    def _beat_once(self, node_id: str, number: int) -> None:
        for turn in self._turns(number):
            if self.plane.post(f"/heartbeat/{node_id}", {"cpuUsage": 0.5}, name=turn)[0] == 200:
                return

    def _turns(self, number: int) -> Iterator[str]:
        for step in range(len(self.names)):
            yield self.names[(number + step) % len(self.names)]
