"""What the built-in supervisor knows of one agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node_daemon.agents.life import Life
from node_daemon.agents.process import AgentProcess
from node_daemon.agents.spec import AgentSpec
from node_daemon.agents.supervisor import CRASH_LOOPING, RUNNING, STARTING, STOPPED, AgentStatus
from node_daemon.machine.readers import ProcessReader

# A process younger than this is "starting": most broken agents die sooner.
SETTLED = 1.0


@dataclass
class Agent:
    """One agent. Times are monotonic seconds; `process` is None while none lives."""

    spec: AgentSpec
    life: Life
    wanted: bool = True
    process: AgentProcess | None = None
    since: float = 0.0  # when the present process was started
    next_start: float = 0.0
    was_started: bool = False
    restarts: int = 0
    mark: str = ""  # of the latest start, saved before it
    is_busy: bool = False  # a restart or a stop holds it: the watch leaves it alone

    def is_alive(self, processes: ProcessReader) -> bool:
        return self.process is not None and self.process.is_alive(processes)

    def status(self, processes: ProcessReader, now: float) -> AgentStatus:
        alive = self.process if self.is_alive(processes) else None
        return AgentStatus(
            id=self.spec.id,
            name=self.spec.name,
            role=self.spec.role,
            state=self._state(alive is not None, now),
            pid=alive.pid if alive else None,
            restarts=self.restarts,
            started_at=alive.started_at if alive else None,
        )

    def as_record(self) -> dict[str, Any]:
        """What the next daemon must know to find this agent's process again."""
        return {
            "spec": self.spec.as_json(),
            "wanted": self.wanted,
            "restarts": self.restarts,
            "mark": self.mark,
            "pid": self.process.pid if self.process else None,
            "identity": self.process.identity if self.process else None,
            "startedAt": self.process.started_at if self.process else None,
        }

    def _state(self, alive: bool, now: float) -> str:
        if not self.wanted and not alive:
            return STOPPED
        if self.life.is_looping:
            return CRASH_LOOPING
        return RUNNING if alive and now - self.since >= SETTLED else STARTING
