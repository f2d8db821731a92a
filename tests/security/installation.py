"""A whole Muster as `make run` starts it: each answer that it gives is kept, each log is as talkative as it can be."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import redis

from tests.fleet import CLUSTER, until
from tests.journeys.control_plane import QUICK, ROOT
from tests.standalone.stand_in import Started
from tests.standalone.test_journey import muster

TALKATIVE = {"GUNICORN_CMD_ARGS": "--access-logfile - --log-level debug", "NODE_CALLS_LOOPBACK": "1", "LOCAL_NODE": "0"}


class Installation:
    """One that runs. `answers` are (what was asked, the whole answer), in order."""

    def __init__(self, run: Started, folder: Path) -> None:
        self.run, self.folder = run, folder
        self.answers: list[tuple[str, bytes]] = []
        self._ports = json.loads((run.home / "ports.json").read_text())
        self.redis_url = f"redis://:{self.secret('redis')}@127.0.0.1:{self._ports['redis']}/0"
        self.dsn = f"postgresql://muster:{self.secret('postgres')}@127.0.0.1:{self._ports['postgres']}/muster"

    def secret(self, name: str) -> str:
        """What a file of its secrets holds."""
        return (self.run.home / "secrets" / name).read_text().strip()

    def url(self) -> str:
        """Where people and nodes reach it."""
        return f"http://127.0.0.1:{self.run.port}"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, str]:
        """Status, decoded body and the cookie that was set."""
        sent = {"Content-Type": "application/json", **{name.replace("_", "-"): said for name, said in headers.items()}}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url() + path, data, sent, method=method)  # noqa: S310 - our own address
        try:
            answer = urllib.request.urlopen(asked, timeout=20)  # noqa: S310 - our own address
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            raw = answer.read()
            self.answers.append((f"{method} {path}", str(answer.headers).encode() + raw))
            cookie = (answer.headers.get("Set-Cookie") or "").partition(";")[0]
            return int(answer.status), json.loads(raw or b"null"), cookie

    def ready(self) -> bool:
        """Whether all of it works."""
        with suppress(OSError):
            return self.send("GET", "/readyz")[0] == 200
        return False

    def sql(self, *statements: str) -> None:
        """As somebody with the database's password."""
        connection = psycopg2.connect(self.dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    def flask(self, *command: str) -> str:
        """What a command printed, as somebody with a shell there runs it."""
        environment = {
            **os.environ,
            "DATABASE_URL": self.dsn,
            "REDIS_URL": self.redis_url,
            "PORT": str(self.run.port),
            "SECRET_KEY_FILE": str(self.run.home / "secrets" / "secret-key"),
            "FORMER_SECRET_KEY_FILE": str(self.run.home / "secrets" / "former-secret-key"),
        }
        asked = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
        made = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        with (self.folder / "flask.log").open("a") as log:
            log.write(made.stderr)
        return made.stdout

    def restart_web(self) -> None:
        """End the web processes; they are started again, and read their settings anew."""
        self.run.child("gunicorn").send_signal(signal.SIGTERM)
        until(lambda: self.run.said("web was started again"), 30)
        until(self.ready, 30)

    def settle(self) -> None:
        """Have both servers write to their files whatever they hold."""
        self.sql("SELECT pg_switch_wal()", "CHECKPOINT")
        client = redis.Redis.from_url(self.redis_url, socket_timeout=20)
        client.config_set("rdbcompression", "no")
        client.save()
        client.close()


class Frames:
    """All bytes that a stream sends, from here on."""

    def __init__(self, installation: Installation, path: str, token: str) -> None:
        self.seen = b""
        headers = {"Authorization": f"Bearer {token}"}
        asked = urllib.request.Request(installation.url() + CLUSTER + path, headers=headers)  # noqa: S310 - our own address
        self._answer = urllib.request.urlopen(asked, timeout=60)  # noqa: S310 - our own address
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> bytes:
        """Hang up. All that was seen."""
        self._answer.close()
        self._thread.join(5)
        return self.seen

    def _read(self) -> None:
        with suppress(OSError, ValueError, AttributeError):  # hung up
            for line in self._answer:
                self.seen += line


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """One with sign-in on, in a folder of its own, from its first start."""
    temporary = folder / "tmp"
    temporary.mkdir(mode=0o777)
    temporary.chmod(0o1777)
    former = folder / "home" / "secrets" / "former-secret-key"
    former.parent.mkdir(mode=0o700, parents=True)
    former.touch(0o600)
    own = {"CLUSTER_AUTH": "on", "TMPDIR": str(temporary), "FORMER_SECRET_KEY_FILE": str(former)}
    with muster(folder, **own, **TALKATIVE, **QUICK) as run:
        run.wait_running()
        made = Installation(run, folder)
        made.sql("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()")
        until(made.ready, 60)
        yield made
