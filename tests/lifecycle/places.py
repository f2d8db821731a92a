"""Machines that are folders with a real daemon in them, and programs for it."""

import os
import signal
import subprocess
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


CRONTAB = """\
#!/bin/sh
case $1 in
-l) cat "$HOME/crontab" ;;
-r) rm "$HOME/crontab" ;;
*) cat >"$HOME/crontab.new" && mv "$HOME/crontab.new" "$HOME/crontab" ;;
esac
"""


class Place:
    """A machine that is a folder: a home, a crontab in it, and programs that are found first."""

    def __init__(self, folder: Path, node_id: str) -> None:
        self.home, self.node_id = folder / "home", node_id
        self.home.mkdir(parents=True)
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.root = self.home / ".agenticmail"
        self.add_program("crontab", CRONTAB)
        self.add_program("loginctl", "#!/bin/sh\nexit 1\n")

    @property
    def environment(self) -> dict[str, str]:
        """Of whoever works there."""
        path = f"{self.programs}:{os.environ['PATH']}"
        return {"HOME": str(self.home), "PATH": path, "XDG_RUNTIME_DIR": "/nonexistent"}

    def add_program(self, name: str, text: str) -> None:
        """Put a program there."""
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def order(self, agents: int = 1, **said: Any) -> dict[str, Any]:
        """What a setup of this machine is asked for with."""
        ids = [f"{self.node_id}-{number}" for number in range(agents)]
        return {"nodeId": self.node_id, "agents": ids, "nodePort": free_port(), "workerHost": "127.0.0.1", **said}

    def run(self, line: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """What a person types there."""
        command = ["/bin/sh", "-c", line]
        return subprocess.run(
            command,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=self.home,
        )

    def install(self, plane: ControlPlane, agents: int = 1) -> "Place":
        """Make it a node by the line that the dashboard shows."""
        status, made = plane.post("/setups", self.order(agents))
        assert status == 201, made
        ran = self.run(made["command"])
        assert ran.returncode == 0, (ran.stdout, ran.stderr)
        return self

    def tree(self) -> set[str]:
        """Every file and folder below its home."""
        return {str(path.relative_to(self.home)) for path in self.home.rglob("*")}

    def end(self) -> None:
        """Whatever runs there is ended."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

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
        return {pid for pid in self.processes() if _line_of(pid).startswith(b"sleep\x001000\0")}


def _line_of(pid: int) -> bytes:
    """The command line of a process; empty once it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def ended(plane: ControlPlane, job_id: str, seconds: float = 60) -> dict[str, Any]:
    """The job once it has ended."""
    until(lambda: plane.get(f"/jobs/{job_id}")[1]["state"] not in ("queued", "running"), seconds)
    found: dict[str, Any] = plane.get(f"/jobs/{job_id}")[1]
    return found
