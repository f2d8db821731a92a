"""A machine whose daemon does what it is told, as far as its character allows."""

from typing import Any

from app.domain.agents.spec import Wanted
from app.services import agents
from app.services.heartbeats import Accepted
from tests.fleet import Fleet


class Machine:
    """Beats by hand. Each process is a pid and the epoch of its copy; `stubborn` ones do not end when they are told to,
    `broken` ones end as soon as they were started."""

    def __init__(self, fleet: Fleet, node_id: str, **said: Any) -> None:
        self.fleet, self.node_id, self.revision, self.next_pid = fleet, node_id, 0, 100
        self.processes: dict[str, tuple[int, int]] = {}
        self.known: dict[str, int] = {}  # epochs of the agents that it was told of
        self.stubborn: set[str] = set()
        self.broken: set[str] = set()
        self.results: list[dict[str, Any]] = []
        fleet.add(node_id, managed=True, **{"cpu_count": 8, "memory_mb": 16000, **said})
        self.beat()

    def beat(self) -> Accepted:
        """Report; do what the answer says."""
        answer = self.fleet.beat(self.node_id, **self._message())
        self.results = []
        if answer.assignments is not None:
            self._take_up()
        for command in answer.commands:
            self._carry_out(command)
        return answer

    def work(self, beats: int = 3) -> None:
        """As many heartbeats as it takes to hear of something, do it, and report it."""
        for _ in range(beats):
            self.beat()

    def silence(self, seconds: float) -> None:
        """As if it had not been heard for that long."""
        self.fleet.silence(self.node_id, seconds)

    def _message(self) -> dict[str, Any]:
        running = [
            {"agentId": agent, "state": "running", "pid": pid, "epoch": epoch, "startedAt": "2026-11-24T10:00:00Z"}
            for agent, (pid, epoch) in self.processes.items()
        ]
        ended = [
            {"agentId": agent, "state": "crash_looping" if agent in self.broken else "stopped", "exitCode": 1}
            for agent in self.known
            if agent not in self.processes
        ]
        return {
            "scope": "node",
            "agents": list(self.processes),
            "agentDetails": running + ended,
            "assignments": self.revision,
            "cpuUsage": 0.0,
            "memoryUsage": 0.0,
            "commandResults": self.results,
        }

    def _take_up(self) -> None:
        told = agents.assignments_of(self.node_id, with_env=True)
        self.revision = told.revision
        self.known = {one.agent_id: one.epoch for one in told.agents}
        wanted = {one.agent_id for one in told.agents if one.wanted is Wanted.RUNNING}
        for agent in list(self.processes):
            if agent not in wanted and agent not in self.stubborn:
                del self.processes[agent]
        for agent in sorted(wanted):
            if agent not in self.processes:
                self._start(agent)

    def _carry_out(self, command: dict[str, Any]) -> None:
        agent = command["agentId"]
        ok = agent not in self.stubborn
        if ok:
            self.processes.pop(agent, None)
            self._start(agent)
        message = "restarted" if ok else f"process {self.processes[agent][0]} did not end"
        self.results.append({"id": command["id"], "ok": ok, "message": message, "agents": []})

    def _start(self, agent: str) -> None:
        if agent not in self.broken:
            self.next_pid += 1
            self.processes[agent] = (self.next_pid, self.known.get(agent, 0))
