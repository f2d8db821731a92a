"""How an agent is told to PM2: one app, with what it needs to be known again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping

from node_daemon.agents.pm2.client import Runtime
from node_daemon.agents.process import START_MARK
from node_daemon.agents.spec import URL_VARIABLE, AgentSpec

LONGEST_BACKOFF_START = 500  # ms; PM2 makes it longer up to 15 s while an agent dies again and again
STOP_GRACE = 5000  # ms
OURS = ("WORKER_", "PM2_")  # variables that mean nothing to an agent
NOT_FOR_AGENTS = ("PORT", "LOG_LEVEL")


@dataclass(frozen=True)
class Ecosystem:
    """What all apps have in common."""

    runtime: Runtime
    env_file: Path  # read by Node itself, so that no secret is in PM2's memory or files
    logs: Path
    mark: str  # in the environment of every agent of this PM2
    variables: Mapping[str, str]  # of that file
    agents_url: str = ""  # where agents say something of themselves, before their id

    def app(self, spec: AgentSpec) -> Dict[str, Any]:
        """The app of an agent: a program of the runtime runs on its Node, any other one runs as it is."""
        found = self.runtime.program(spec.command[0])
        script = str(found) if found else shutil.which(spec.command[0]) or spec.command[0]
        log_file = str(self.logs / f"{spec.id}.log")
        return {
            "name": spec.id,
            "script": script,
            "args": list(spec.command[1:]),
            "interpreter": str(self.runtime.node) if found else "none",
            "node_args": [f"--env-file={self.env_file}"] if found and self.env_file.exists() else [],
            "cwd": spec.cwd or str(self.env_file.parent.parent),
            # Our own port is in the file as well: an agent without one of its own must not take it.
            "env": {
                "PORT": "",
                **({} if found else self._of_agents()),
                **spec.own_url(self.agents_url),
                **spec.env,
                START_MARK: self.mark,
            },
            "exec_mode": "fork",
            "merge_logs": True,
            "out_file": log_file,
            "error_file": log_file,
            "exp_backoff_restart_delay": LONGEST_BACKOFF_START,
            "kill_timeout": STOP_GRACE,
            "vizion": False,
            "pmx": False,
        }

    def fingerprint(self, app: Mapping[str, Any]) -> str:
        """Differs when an agent has to be started anew: its app, or a variable that it reads, is another one."""
        # Where an agent finds us is told to those that are started, and no reason to start one anew.
        app = {**app, "env": {key: value for key, value in app["env"].items() if key != URL_VARIABLE}}
        said = json.dumps([app, sorted(self._of_agents().items())], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    def write(self, path: Path, apps: List[Dict[str, Any]]) -> None:
        """Readable by its owner only: commands and variables of agents are in it."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        descriptor = os.open(str(fresh), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"apps": apps}, file, indent=2)
        fresh.replace(path)

    def _of_agents(self) -> Dict[str, str]:
        """The variables that an agent may read."""
        return {
            key: value
            for key, value in self.variables.items()
            if not key.startswith(OURS) and key not in NOT_FOR_AGENTS
        }


def mark_of(home: Path) -> str:
    """What every agent of the PM2 with this home has in its environment."""
    return "pm2-" + hashlib.sha256(str(home).encode()).hexdigest()[:16]
