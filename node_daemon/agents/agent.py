"""What the built-in supervisor knows of one agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node_daemon.agents.life import Life
from node_daemon.agents.process import AgentProcess
from node_daemon.agents.spec import AgentSpec
from node_daemon.agents.supervisor import CRASH_LOOPING, PAUSED, RUNNING, STARTING, STOPPED, AgentStatus
from node_daemon.assignments.lease import Hold
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
    hold: Hold | None = None  # why it may not be started now
    is_outdated: bool = False  # its process was started by another spec
    exit_code: int | None = None  # of its last process, negative for a signal
    exited_at: str | None = None

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
            exit_code=self.exit_code,
            exited_at=self.exited_at,
            is_given_up=self.life.is_given_up,
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
            "exitCode": self.exit_code,
            "exitedAt": self.exited_at,
        }

    def _state(self, alive: bool, now: float) -> str:
        if self.hold is not None and not alive:
            return PAUSED if self.hold.is_pause else STOPPED
        if not self.wanted and not alive:
            return STOPPED
        if self.life.is_looping:
            return CRASH_LOOPING
        return RUNNING if alive and not self.is_outdated and now - self.since >= SETTLED else STARTING
