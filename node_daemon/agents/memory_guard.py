"""Watches the memory of agents that have a bound: names those above the first, restarts those above the second."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping

from node_daemon import log
from node_daemon.agents.supervisor import AgentStatus, Supervisor, SupervisorBusy, UnknownAgent
from node_daemon.assignments.told import Assignment
from node_daemon.machine.readers import ProcessReader

EVERY = 10.0  # seconds
SAMPLES = 3  # in a row: one peak is no reason
TOLD_FOR = 300.0  # seconds that a restart is named as an issue


@dataclass(frozen=True)
class Strain:
    """How often in a row one process was seen above its bounds."""

    pid: int
    memory_mb: int
    above_warn: int = 0
    above_limit: int = 0

    @property
    def is_warned(self) -> bool:
        return self.above_warn >= SAMPLES

    @property
    def is_over(self) -> bool:
        return self.above_limit >= SAMPLES


def seen(before: Strain | None, pid: int, memory_mb: int, warn_mb: int | None, limit_mb: int | None) -> Strain:
    """The strain after one more sample; another process begins anew."""
    past = before if before is not None and before.pid == pid else Strain(pid, memory_mb)
    return Strain(
        pid=pid,
        memory_mb=memory_mb,
        above_warn=past.above_warn + 1 if warn_mb and memory_mb > warn_mb else 0,
        above_limit=past.above_limit + 1 if limit_mb and memory_mb > limit_mb else 0,
    )


class MemoryGuard:
    """`assigned` tells what the control plane has given this node, by id."""

    def __init__(
        self, supervisor: Supervisor, processes: ProcessReader, assigned: Callable[[], Mapping[str, Assignment]]
    ) -> None:
        self._supervisor = supervisor
        self._processes = processes
        self._assigned = assigned
        self._strains: Dict[str, Strain] = {}
        self._restarted: Dict[str, tuple[float, str]] = {}  # when, and the sentence that tells it

    def run(self) -> None:
        """Look for ever."""
        while True:
            time.sleep(EVERY)
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - a fault with one agent must not end the watch over all
                log.error("looking at the memory of agents failed", reason=f"{type(error).__name__}: {error}")

    def look(self) -> None:
        """Take one sample of each agent with a bound, and restart those that are over it."""
        bounded = {
            one: bound for one, bound in self._assigned().items() if bound.memory_warn_mb or bound.memory_limit_mb
        }
        alive = [one for one in self._supervisor.list() if one.id in bounded and one.pid is not None] if bounded else []
        used = self._used(alive)
        self._strains = {
            one.id: seen(
                self._strains.get(one.id),
                one.pid or 0,
                used[one.pid or 0],
                bounded[one.id].memory_warn_mb,
                bounded[one.id].memory_limit_mb,
            )
            for one in alive
        }
        for agent_id, strain in self._strains.items():
            if strain.is_over:
                threading.Thread(
                    target=self._restart, args=(agent_id, strain, bounded[agent_id].memory_limit_mb), daemon=True
                ).start()

    def issues(self) -> List[Dict[str, Any]]:
        """What a heartbeat says of it."""
        assigned, now = self._assigned(), time.monotonic()
        told: Dict[str, str] = {}
        for agent_id, strain in list(self._strains.items()):
            if strain.is_warned and agent_id in assigned:
                bound = assigned[agent_id].memory_warn_mb
                told[agent_id] = (
                    f"Agent {agent_id} uses {strain.memory_mb} MB of memory and should stay below {bound} MB"
                )
        told.update({one: text for one, (at, text) in list(self._restarted.items()) if now - at < TOLD_FOR})
        return [{"code": "agent_memory_high", "message": text, "agentId": agent_id} for agent_id, text in told.items()]

    def _restart(self, agent_id: str, strain: Strain, limit_mb: int | None) -> None:
        text = f"it used {strain.memory_mb} MB of memory, more than its limit of {limit_mb} MB"
        log.warn("agent is restarted", agent=agent_id, pid=strain.pid, reason=text)
        try:
            outcome = self._supervisor.restart([agent_id])
        except (UnknownAgent, SupervisorBusy) as error:
            log.error("agent is not restarted", agent=agent_id, reason=error)
            return
        done = "was restarted" if outcome.ok else f"should have been restarted ({outcome.message[:80]})"
        self._restarted[agent_id] = (time.monotonic(), f"Agent {agent_id} {done}: {text}")

    def _used(self, agents: List[AgentStatus]) -> Dict[int, int]:
        """MB of memory by pid of the agent."""
        pids = [one.pid for one in agents if one.pid is not None]
        rows = self._processes.members(pids)
        return {pid: sum(row.memory_bytes for row in rows if row.session == pid) // 2**20 for pid in pids}
