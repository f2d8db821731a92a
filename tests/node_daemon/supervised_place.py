"""Where supervisors are tried: a node's folders, with agents that are real processes."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from node_daemon.agents.agents_file import AgentsFile
from node_daemon.agents.child_processes import ChildProcesses
from node_daemon.agents.life import Patience
from node_daemon.agents.pm2.client import Client, Runtime
from node_daemon.agents.pm2.ecosystem import Ecosystem, mark_of
from node_daemon.agents.pm2.supervisor import Pm2
from node_daemon.agents.supervisor import Caretaker
from node_daemon.agents.wishes import Wishes
from node_daemon.assignments.assigned import Assigned
from node_daemon.machine.proc import ProcProcesses
from node_daemon.state import StateFolder

QUICK = Patience(first=0.02, longest=0.05, calm=60.0, stop_grace=1.0)


class Place:
    """A node's folders, and a supervisor on them as often as one is needed."""

    def __init__(self, folder: Path, state: StateFolder, kind: str, runtime: Path | None) -> None:
        self.folder, self.state, self.kind, self.runtime = folder, state, kind, runtime
        self.agents_file = folder / "agents.json"
        self.pm2_home = folder / "pm2"
        self.made: list[Caretaker] = []
        self._watches: list[threading.Thread] = []
        self.now = 1000.0  # since boot
        self.patience = QUICK

    def write(self, **commands: list[str]) -> None:
        agents = [{"id": one, "command": command} for one, command in commands.items()]
        fresh = self.agents_file.with_suffix(".new")
        fresh.write_text(json.dumps({"agents": agents}))
        fresh.replace(self.agents_file)

    def open(self, watch: bool = True) -> Caretaker:
        one = self._pm2() if self.kind == "pm2" else self._builtin()
        one.open()
        self.made.append(one)
        if watch:
            self._watches.append(threading.Thread(target=one.run, daemon=True))
            self._watches[-1].start()
        return one

    def end(self) -> None:
        """End the agents, and let each supervisor see it: a process that nobody waited for is a warning."""
        for one in self.made:
            one.close(stop_agents=False)
        for watch in self._watches:
            watch.join(30)  # it may be starting PM2 just now
        for one in self.made[-1:]:
            one.close(stop_agents=True)
        for one in self.made:
            one.list()

    def _wishes(self) -> Wishes:
        self.assigned = Assigned(self.state, lambda: self.now)
        return Wishes(AgentsFile(self.agents_file), self.assigned)

    def _builtin(self) -> Caretaker:
        environment = {"PATH": os.environ["PATH"]}
        return ChildProcesses(self._wishes(), self.state, ProcProcesses(), environment, self.patience)

    def _pm2(self) -> Pm2:
        assert self.runtime is not None
        runtime = Runtime(self.runtime)
        secret = {"DATABASE_URL": "postgres://u:canary@h/d"}
        env_file = self.folder / "worker.env"
        env_file.write_text("DATABASE_URL=postgres://u:canary@h/d\nPORT=1\n")
        mark = mark_of(self.pm2_home)
        ecosystem = Ecosystem(runtime, env_file, self.state.path / "logs", mark, secret)
        client = Client(runtime, self.pm2_home, {**os.environ, "HOME": str(self.folder), **secret})
        return Pm2(self._wishes(), self.state, ProcProcesses(), client, ecosystem, self.patience)
