"""What we ask of one PM2: by its socket, by its command line where the socket speaks a version we do not know."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping

from node_daemon import log
from node_daemon.agents.pm2 import rpc

CLI_LIMIT = 30.0  # seconds
STOP_LIMIT = 15.0
PASSED_ON = ("HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR")
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
ONLINE, STOPPED, ERRORED = "online", "stopped", "errored"


class Pm2Failed(Exception):
    """PM2 did not do what it was told; the message is for people and holds nothing that PM2 said."""


@dataclass(frozen=True)
class App:
    """What we take of a process of PM2. Its environment is with it there, and never leaves this module."""

    name: str
    id: int
    pid: int | None
    status: str
    restarts: int
    started_at: float  # epoch seconds
    exit_code: int | None = None


@dataclass(frozen=True)
class Runtime:
    """Node.js and PM2 in a folder, as they were sent to this machine."""

    folder: Path

    @property
    def node(self) -> Path:
        return self.folder / "bin" / "node"

    @property
    def pm2(self) -> Path:
        return self.folder / "lib" / "node_modules" / "pm2" / "bin" / "pm2"

    def is_whole(self) -> bool:
        return os.access(str(self.node), os.X_OK) and self.pm2.exists()

    def program(self, name: str) -> Path | None:
        """A program of the packages in it, by its name."""
        found = self.folder / "lib" / "node_modules" / ".bin" / name
        return found.resolve() if "/" not in name and found.exists() else None


def runtime_at(folder: Path) -> Runtime:
    """The runtime that a link leads to now: another one is another folder."""
    return Runtime(folder.resolve())


class Client:
    """One PM2, known by its home."""

    def __init__(self, runtime: Runtime, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self._runtime = runtime
        self._environment = environment

    def apps(self) -> List[App] | None:
        """Every process that PM2 looks after; None when no PM2 runs. Raises Pm2Failed."""
        try:
            answer = rpc.call(self.home, "getMonitorData", {})
            rows = answer[0] if answer and isinstance(answer[0], list) else []
        except rpc.NotRunning:
            return None
        except rpc.Refused as error:
            raise Pm2Failed(str(error)) from None
        except rpc.UnknownFraming:
            rows = listed(self._cli("jlist"))
        return [app for app in map(_app, rows) if app is not None]

    def restart(self, app: App) -> None:
        """Raises Pm2Failed."""
        self._do("restartProcessId", {"id": app.id}, "restart", app)

    def stop(self, app: App) -> None:
        """Raises Pm2Failed."""
        self._do("stopProcessId", app.id, "stop", app)

    def forget(self, app: App) -> None:
        """Stop it and drop it from the list. Raises Pm2Failed."""
        self._do("deleteProcessId", app.id, "delete", app)

    def start(self, file: Path, names: List[str]) -> None:
        """Start these apps of a file, and PM2 itself where none runs. Raises Pm2Failed."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._cli("start", str(file), "--only", ",".join(names))

    def end(self) -> None:
        """End PM2 and all it looks after. Raises Pm2Failed."""
        self._cli("kill")

    def _do(self, method: str, argument: Any, command: str, app: App) -> None:
        try:
            rpc.call(self.home, method, argument, timeout=STOP_LIMIT)
        except rpc.UnknownFraming:
            self._cli(command, str(app.id))
        except (rpc.Refused, rpc.NotRunning) as error:
            raise Pm2Failed(f"PM2 could not {command} {app.name}: {error}") from None

    def _cli(self, *arguments: str) -> str:
        command = [str(self._runtime.node), str(self._runtime.pm2), *arguments]
        try:
            ran = subprocess.run(
                command,
                cwd=str(self.home),
                env=self._own_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=CLI_LIMIT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Pm2Failed(f"pm2 {arguments[0]} failed: {type(error).__name__}") from None
        if ran.returncode:
            raise Pm2Failed(f"pm2 {arguments[0]} ended with exit code {ran.returncode}")
        return ran.stdout.decode("utf-8", "replace")

    def _own_environment(self) -> Dict[str, str]:
        """Agents inherit this from PM2: nothing secret is in it."""
        kept = {
            key: value
            for key, value in self._environment.items()
            if key in PASSED_ON or key.lower() in PROXIES or key.startswith("LC_")
        }
        path = f"{self._runtime.node.parent}{os.pathsep}{self._environment.get('PATH') or os.defpath}"
        return {**kept, "PATH": path, "PM2_HOME": str(self.home), "NO_COLOR": "1", "PM2_DISCRETE_MODE": "true"}


def end_strays(home: Path) -> None:
    """End a PM2 whose folder was taken from under it: it has this home, and nobody reaches it any more."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone by now, or somebody else's
            # Its title names the home too, but may be cut off.
            is_pm2 = (entry / "cmdline").read_bytes().startswith(b"PM2 v")
            if is_pm2 and f"PM2_HOME={home}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                log.warn("a PM2 that nobody reaches is ended", pid=entry.name)
                _end_process(int(entry.name))


def listed(output: str) -> List[Any]:
    """The list in the output of `pm2 jlist`, which may begin with a banner."""
    for line in output.splitlines():
        if line.startswith("["):
            with contextlib.suppress(ValueError):
                found = json.loads(line)
                return found if isinstance(found, list) else []
    return []


def _end_process(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 3.0
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


def _app(row: Any) -> App | None:
    env = row.get("pm2_env") if isinstance(row, dict) else None
    if not isinstance(env, dict) or not isinstance(row.get("name"), str) or not isinstance(row.get("pm_id"), int):
        return None
    pid, code = row.get("pid"), env.get("exit_code")
    return App(
        name=row["name"],
        id=row["pm_id"],
        pid=pid if isinstance(pid, int) and pid > 0 else None,
        status=str(env.get("status")),
        restarts=_number(env.get("restart_time")),
        started_at=_number(env.get("pm_uptime")) / 1000,
        exit_code=code if isinstance(code, int) else None,
    )


def _number(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
