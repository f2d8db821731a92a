"""The processes of the Procfile, as a host runs them, and what each of them uses."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.servers import ROOT, environment
from standalone import procfile
from standalone.embedded import EmbeddedServers
from standalone.ports import any_free
from standalone.process import Process

RUN = ("web", "worker", "beat")
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Part:
    """What a part of the control plane has used: CPU seconds, and resident bytes now."""

    cpu: float
    memory: int


class Stack:
    """Web, Celery and beat on these servers; nothing is pinned, so they share the machine with whoever sends."""

    def __init__(self, servers: EmbeddedServers) -> None:
        self._servers, self.port = servers, any_free()
        commands = procfile.read(ROOT / "Procfile")
        programs = environment(servers) | {"PORT": str(self.port)}
        self._processes = {name: self._process(name, commands[name], programs) for name in RUN}

    def __enter__(self) -> Stack:
        for name in RUN:
            self._processes[name].start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes.values()):
            process.stop()

    def stop_web(self) -> None:
        """Leave nodes without an answer; Celery, beat and the servers go on."""
        self._processes["web"].stop()

    def start_web(self) -> None:
        """Answer again."""
        self._processes["web"].start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Until every part answers. Raises NotMeasurable."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise NotMeasurable(f"The control plane did not start:\n{self._processes['web'].last_lines()}")
            time.sleep(0.1)

    def used(self) -> dict[str, Part]:
        """By part. The memory of Postgres counts shared pages once for each of its processes, so it is left out."""
        pids = {name: process.pid for name, process in self._processes.items()}
        pids |= {"Postgres": self._servers.postgres.process.pid, "Redis": self._servers.redis.process.pid}
        return {name: _of_family(pid) for name, pid in pids.items() if pid is not None}

    def _is_ready(self) -> bool:
        asked = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asked.request("GET", "/readyz")
            return asked.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            asked.close()

    def _process(self, name: str, command: list[str], programs: dict[str, str]) -> Process:
        log: Path = self._servers.state.folder("logs") / f"{name}.log"
        return Process(name, command, log, cwd=ROOT, environment=programs)


def _of_family(pid: int) -> Part:
    """A process, its children, and the children that it has buried."""
    cpu, memory = 0.0, 0
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        for process in (first, *first.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                cpu += times.user + times.system
                memory += process.memory_info().rss
        buried = first.cpu_times()
        cpu += buried.children_user + buried.children_system
    return Part(cpu, memory)
