"""The built-in supervisor: agents are processes that we start, watch, restart, and find again."""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path
from typing import Callable, Iterable, List, Mapping

from node_daemon import log
from node_daemon.agents import adoption, log_file, process, restart
from node_daemon.agents.agent import Agent
from node_daemon.agents.agents_file import AgentsFile
from node_daemon.agents.life import Life, Patience
from node_daemon.agents.process import AgentProcess
from node_daemon.agents.supervisor import CRASH_LOOPING, AgentStatus, Restarted, UnknownAgent
from node_daemon.agents.turn import Turn
from node_daemon.clock import iso_now
from node_daemon.machine.readers import ProcessReader
from node_daemon.state import StateFolder

TICK = 0.25
ROTATE_EVERY = 10.0
FILE = "processes.json"


class ChildProcesses:
    """Runs the agents of agents.json. They outlive the daemon and are adopted by the next one."""

    def __init__(
        self,
        agents_file: Path,
        state: StateFolder,
        processes: ProcessReader,
        environment: Mapping[str, str],
        patience: Patience | None = None,
    ) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._file = AgentsFile(agents_file)
        self._state = state
        self._processes = processes
        self._environment = environment
        self._patience = patience or Patience()
        self._agents: dict[str, Agent] = {}
        self._unwanted: List[AgentProcess] = []
        self._lock = threading.RLock()  # held for moments only: never while waiting for a process
        self._turn = Turn()
        self._closed = threading.Event()
        self._last_seen: frozenset[tuple[str, bool, str]] = frozenset()

    def open(self) -> None:
        """Read the agents file and adopt what runs. Starts nothing. Raises SettingsError."""
        records = self._state.read(FILE).get("agents")
        found = adoption.recall(
            self._file.load(), records if isinstance(records, dict) else {}, self._processes, self._patience
        )
        self._agents, self._unwanted = found

    def run(self) -> None:
        """Watch the agents until `close()`."""
        rotate_at = time.monotonic() + ROTATE_EVERY
        while True:
            try:
                self.tick()
                if time.monotonic() >= rotate_at:
                    rotate_at += ROTATE_EVERY
                    self._rotate_logs()
            except Exception as error:  # noqa: BLE001 - a fault with one agent must not end the watch over all
                log.error("watching the agents failed", reason=f"{type(error).__name__}: {error}")
            if self._closed.wait(TICK):
                return

    def close(self, stop_agents: bool) -> None:
        """Start nothing any more; agents go on unless they are to stop as well."""
        with self._lock:
            self._closed.set()
            running = [agent.process for agent in self._agents.values() if agent.process] if stop_agents else []
        left = process.stop_together(running, self._processes, self._patience.stop_grace)
        for one in left:
            log.error("agent process cannot be ended", pid=one.pid)

    def tick(self) -> None:
        """Look once: read a changed agents file, bury the dead, start what is due."""
        now = time.monotonic()
        with self._lock:
            if self._closed.is_set():
                return
            self._reread()
            unwanted, self._unwanted = self._unwanted, []
            for agent in self._agents.values():
                if not agent.is_busy:
                    self._watch(agent, now)
        process.stop_together(unwanted, self._processes, self._patience.stop_grace)
        self._tell_changes()

    def list(self) -> List[AgentStatus]:
        with self._lock:
            now = time.monotonic()
            return [agent.status(self._processes, now) for agent in self._agents.values()]

    def start(self, agent_id: str) -> None:
        with self._lock:
            agent = self._known(agent_id)
            agent.wanted, agent.next_start = True, 0.0
            self._save()

    def stop(self, agent_id: str) -> None:
        with self._turn.wait():
            with self._lock:
                agent = self._known(agent_id)
                agent.wanted, agent.is_busy = False, True
            try:
                self._end([agent])
            finally:
                self._release([agent])

    def restart(self, agent_ids: Iterable[str] | None = None) -> Restarted:
        with self._turn.wait():
            agents = self._hold(agent_ids)
            try:
                problems = self._end(agents)
                fresh = [agent for agent in agents if agent.spec.id not in problems]
                with self._lock:
                    for agent in fresh:
                        self._launch(agent, time.monotonic())
                problems.update(restart.unseen(fresh, self._processes))
            finally:
                self._release(agents)
        with self._lock:
            now = time.monotonic()
            seen = [agent.status(self._processes, now) for agent in agents if agent.spec.id not in problems]
        return Restarted(tuple(seen), tuple(problems.values()))

    def logs(self, agent_id: str, lines: int = 100) -> str:
        with self._lock:
            self._known(agent_id)
        return log_file.tail(self._log_path(agent_id), lines)

    def _watch(self, agent: Agent, now: float) -> None:
        if agent.process is not None and agent.is_alive(self._processes):
            agent.life.lived(now - agent.since)
        elif agent.process is not None:
            log.warn("agent ended", agent=agent.spec.id, pid=agent.process.pid, how=agent.process.ending())
            process.end_leftovers(agent.process, self._processes)
            agent.process, agent.next_start = None, agent.life.died(now)
        elif agent.wanted and now >= agent.next_start:
            agent.life.restarted(now)
            self._launch(agent, now)

    def _launch(self, agent: Agent, now: float) -> None:
        if self._closed.is_set():
            return
        agent.restarts += 1 if agent.was_started else 0
        # Saved before the start: if we die in between, the next daemon finds the process by its mark.
        agent.process, agent.mark, agent.was_started = None, secrets.token_hex(8), True
        self._save()
        path = self._log_path(agent.spec.id)
        try:
            agent.process = process.start(
                agent.spec, agent.mark, self._environment, path, self._processes, started_at=iso_now()
            )
        except OSError as error:
            agent.next_start = agent.life.died(now)
            log.error("agent cannot be started", agent=agent.spec.id, reason=error.strerror)
            return
        agent.since = now
        self._save()
        log.info("agent started", agent=agent.spec.id, pid=agent.process.pid, restarts=agent.restarts)

    def _reread(self) -> None:
        if any(agent.is_busy for agent in self._agents.values()):
            return  # the file waits for the next look
        specs = self._file.changed()
        if specs is None:
            return
        log.info("agents file has changed", agents=len(specs))
        removed = [self._agents.pop(agent_id) for agent_id in set(self._agents) - set(specs)]
        self._unwanted += [agent.process for agent in removed if agent.process]
        for agent_id, spec in specs.items():
            self._agents.setdefault(agent_id, Agent(spec, Life(self._patience))).spec = spec
        self._save()

    def _hold(self, agent_ids: Iterable[str] | None) -> List[Agent]:
        with self._lock:
            if agent_ids is None:
                agents = [agent for agent in self._agents.values() if agent.wanted]
            else:
                agents = [self._known(agent_id) for agent_id in agent_ids]
            for agent in agents:
                agent.is_busy = agent.wanted = True
            return agents

    def _end(self, agents: List[Agent]) -> dict[str, str]:
        """End the processes of held agents; by id a sentence for each that would not end."""
        problems = restart.end(agents, self._processes, self._patience.stop_grace)
        with self._lock:
            for agent in agents:
                if agent.spec.id not in problems:
                    agent.process = None
            self._save()
        return problems

    def _release(self, agents: Iterable[Agent]) -> None:
        with self._lock:
            for agent in agents:
                agent.is_busy = False
            self._save()
        self._tell_changes()

    def _known(self, agent_id: str) -> Agent:
        agent = self._agents.get(agent_id)
        if agent is None:
            raise UnknownAgent(f"this node has no agent {agent_id}")
        return agent

    def _log_path(self, agent_id: str) -> Path:
        return self._state.path / "logs" / f"{agent_id}.log"

    def _rotate_logs(self) -> None:
        with self._lock:
            paths = [self._log_path(agent_id) for agent_id in self._agents]
        for path in paths:
            log_file.rotate(path)

    def _save(self) -> None:
        records = {agent_id: agent.as_record() for agent_id, agent in self._agents.items()}
        self._state.write(FILE, {"agents": records})

    def _tell_changes(self) -> None:
        now = frozenset((one.id, one.is_running, one.state * (one.state == CRASH_LOOPING)) for one in self.list())
        if now != self._last_seen:
            self._last_seen = now
            self.on_change()
