"""Machines that are folders with a real daemon in them, and programs for it."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from node_daemon import build
from tests.fleet import until
from tests.journeys.control_plane import ControlPlane, free_port

VERSION = 'import sys\nif "--version" in sys.argv:\n    sys.exit(0)\n'


@cache
def program(version: str) -> bytes:
    """The daemon's program as it is, with another version."""
    files = build.sources()
    files["node_daemon/__init__.py"] = f'__version__ = "{version}"\n'.encode()
    return build.archive(files, {})


def broken(version: str) -> bytes:
    """One that starts, and then ends."""
    files = {"__main__.py": (VERSION + "sys.exit(1)\n").encode()}
    return build.archive({**files, "node_daemon/__init__.py": f'__version__ = "{version}"\n'.encode()}, {})


def hand_out(plane: ControlPlane, content: bytes) -> None:
    """What nodes get from the control plane from now on."""
    build.write(Path(plane.environment["WORKER_PROGRAM"]), content)


class Place:
    """A home folder whose daemon runs from a worker.pyz."""

    def __init__(self, home: Path, node_id: str) -> None:
        self.home, self.node_id = home, node_id
        self.root = home / ".agenticmail"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, plane: ControlPlane, content: bytes, agents: int = 1) -> "Place":
        """Put a program there and start it, with agents that sleep."""
        pyz = self.root / "daemon" / "worker.pyz"
        build.write(pyz, content)
        listed = [f'{{"id": "{self.node_id}-{number}", "command": ["sleep", "1000"]}}' for number in range(agents)]
        (self.root / "agents.json").write_text(f'{{"agents": [{", ".join(listed)}]}}')
        environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "ENTERPRISE_URL": plane.url(),
            "WORKER_NODE_ID": self.node_id,
            "WORKER_HOST": "127.0.0.1",
            "PORT": str(free_port()),
        }
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(pyz)], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        until(lambda: len(plane.get(f"/nodes/{self.node_id}")[1].get("agents", [])) == agents, 30)
        return self

    def end(self) -> None:
        """Whatever runs there is ended."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(5)

    def processes(self) -> list[int]:
        """Every process that has this home folder in its environment."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdecimal() and f"HOME={self.home}\0".encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
        return found

    def agents(self) -> set[int]:
        """The processes of its agents."""
        return {pid for pid in self.processes() if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"sleep\0")}


def ended(plane: ControlPlane, job_id: str, seconds: float = 60) -> dict[str, Any]:
    """The job once it has ended."""
    until(lambda: plane.get(f"/jobs/{job_id}")[1]["state"] not in ("queued", "running"), seconds)
    found: dict[str, Any] = plane.get(f"/jobs/{job_id}")[1]
    return found
