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
from node_daemon.agents.life import Life, Patience
from node_daemon.agents.process import AgentProcess
from node_daemon.agents.supervisor import AgentStatus, Output, Restarted, UnknownAgent
from node_daemon.agents.turn import Turn
from node_daemon.agents.wishes import Wishes
from node_daemon.clock import iso_now
from node_daemon.machine.readers import ProcessReader
from node_daemon.state import StateFolder

TICK = 0.25
ROTATE_EVERY = 10.0
FILE = "processes.json"


class ChildProcesses:
    """Runs the agents of this node. They outlive the daemon and are adopted by the next one."""

    def __init__(
        self,
        wishes: Wishes,
        state: StateFolder,
        processes: ProcessReader,
        environment: Mapping[str, str],
        patience: Patience | None = None,
        agents_url: str = "",
    ) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._wishes = wishes
        self._state = state
        self._processes = processes
        self._environment = environment
        self._patience = patience or Patience()
        self._agents_url = agents_url
        self._agents: dict[str, Agent] = {}
        self._unwanted: List[AgentProcess] = []
        self._lock = threading.RLock()  # held for moments only: never while waiting for a process
        self._turn = Turn()
        self._closed = threading.Event()
        self._last_seen: frozenset[tuple[str, bool, str]] = frozenset()

    def open(self) -> None:
        """Read the agents file and adopt what runs. Starts nothing. Raises SettingsError."""
        records = adoption.records_of(self._state.read(FILE))
        self._wishes.open(adoption.remembered(records))
        self._agents, self._unwanted = adoption.recall(self._wishes.specs, records, self._processes, self._patience)
        if not self._unwanted:  # until they have ended, only the old records name them
            self._save()  # what was found by its mark has a process id now

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
        """Look once: take in what changed, bury the dead, end what may not run, start what is due."""
        now = time.monotonic()
        with self._lock:
            if self._closed.is_set():
                return
            self._reread()
            unwanted, self._unwanted = self._unwanted, []
            ending = [one.spec.id for one in self._agents.values() if not one.is_busy and self._watch(one, now)]
        self._unwanted += process.stop_together(unwanted, self._processes, self._patience.stop_grace)
        if ending:
            with self._turn.of_those_free(ending) as free:
                self._end_held(free)
        self._tell_settled()
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
        with self._turn.wait([agent_id]):
            with self._lock:
                agent = self._known(agent_id)
                agent.wanted, agent.is_busy = False, True
            try:
                self._end([agent])
            finally:
                self._release([agent])

    def restart(self, agent_ids: Iterable[str] | None = None) -> Restarted:
        chosen = self._chosen(agent_ids)
        with self._turn.wait(chosen):
            agents = self._hold(chosen)
            try:
                problems = restart.held(agents, self._wishes)
                problems.update(self._end([agent for agent in agents if agent.spec.id not in problems]))
                with self._lock:
                    fresh = [agent for agent in agents if agent.spec.id not in problems]
                    problems.update(restart.held(fresh, self._wishes))  # it may have changed meanwhile
                    fresh = [agent for agent in fresh if agent.spec.id not in problems]
                    for agent in fresh:
                        agent.life = Life(self._patience)
                        self._launch(agent)
                problems.update(restart.unseen(fresh, self._processes))
            finally:
                self._release(agents)
        with self._lock:
            now = time.monotonic()
            seen = [agent.status(self._processes, now) for agent in agents if agent.spec.id not in problems]
        return Restarted(tuple(seen), tuple(problems.values()))

    def output(self, agent_id: str) -> Output:
        with self._lock:
            agent = self._known(agent_id)
        return Output(self._log_path(agent_id), agent.spec.secrets(self._environment))

    def unknown(self) -> Iterable[str]:
        return self._wishes.unknown

    def _watch(self, agent: Agent, now: float) -> bool:
        """Look at one agent; answers whether its process must end."""
        agent.hold = hold = self._wishes.hold(agent.spec.id)
        if agent.process is not None and agent.is_alive(self._processes):
            agent.life.lived(now - agent.since)
            return agent.is_outdated or (hold is not None and hold.ends)
        if agent.process is not None:
            self._bury(agent, agent.process, now)
        elif hold is not None:
            agent.life, agent.next_start = Life(self._patience), 0.0
        elif agent.wanted and not agent.life.is_given_up and now >= agent.next_start:
            agent.life.restarted(now)
            self._launch(agent)
        return False

    def _bury(self, agent: Agent, dead: AgentProcess, now: float) -> None:
        log.warn("agent ended", agent=agent.spec.id, pid=dead.pid, how=dead.ending())
        process.end_leftovers(dead, self._processes)
        agent.exit_code, agent.exited_at = dead.exit_code(), iso_now()
        agent.process, agent.next_start = None, agent.life.died(now)
        if agent.life.is_given_up:
            log.error("agent died too often and is not started any more", agent=agent.spec.id)
        self._save()

    def _end_held(self, agent_ids: Iterable[str]) -> None:
        """End the processes of agents that may not run now, or not as they do."""
        at_once: List[Agent] = []
        with_grace: List[Agent] = []
        with self._lock:
            for agent in [self._agents[agent_id] for agent_id in agent_ids if agent_id in self._agents]:
                if not self._watch(agent, time.monotonic()):
                    continue  # a restart came in between
                reason = agent.hold.reason if agent.hold else "it is to run differently"
                log.info("agent is stopped", agent=agent.spec.id, reason=reason)
                agent.is_busy = True
                (at_once if agent.hold is not None and agent.hold.at_once else with_grace).append(agent)
        try:
            problems = {**self._end(at_once, grace=0.0), **self._end(with_grace)}
            for sentence in problems.values():
                log.error("agent cannot be stopped", reason=sentence)
            for agent in [*at_once, *with_grace]:
                if agent.process is None:
                    agent.is_outdated, agent.next_start, agent.life = False, 0.0, Life(self._patience)
        finally:
            self._release([*at_once, *with_grace])

    def _launch(self, agent: Agent) -> None:
        if self._closed.is_set():
            return
        agent.restarts += 1 if agent.was_started else 0
        # Saved before the start: if we die in between, the next daemon finds the process by its mark.
        agent.process, agent.mark, agent.was_started, agent.is_outdated = None, secrets.token_hex(8), True, False
        self._save()
        path = self._log_path(agent.spec.id)
        try:
            environment = {**self._environment, **agent.spec.own_url(self._agents_url)}
            agent.process = process.start(
                agent.spec, agent.mark, environment, path, self._processes, started_at=iso_now()
            )
        except OSError as error:
            agent.next_start = agent.life.died(time.monotonic())
            log.error("agent cannot be started", agent=agent.spec.id, reason=error.strerror)
            return
        agent.since = time.monotonic()
        self._save()
        log.info("agent started", agent=agent.spec.id, pid=agent.process.pid, restarts=agent.restarts)

    def _reread(self) -> None:
        if any(agent.is_busy for agent in self._agents.values()):
            return  # the file waits for the next look
        if not self._wishes.changed():
            return
        specs = self._wishes.specs
        removed = [self._agents.pop(agent_id) for agent_id in set(self._agents) - set(specs)]
        self._unwanted += [agent.process for agent in removed if agent.process]
        for agent_id, spec in specs.items():
            agent = self._agents.setdefault(agent_id, Agent(spec, Life(self._patience)))
            if not agent.spec.starts_as(spec):
                agent.is_outdated, agent.life, agent.next_start = agent.process is not None, Life(self._patience), 0.0
            agent.spec = spec
        self._save()

    def _chosen(self, agent_ids: Iterable[str] | None) -> List[str]:
        with self._lock:
            if agent_ids is not None:
                return [self._known(agent_id).spec.id for agent_id in agent_ids]
            return [one for one, agent in self._agents.items() if agent.wanted and not self._wishes.hold(one)]

    def _hold(self, agent_ids: Iterable[str]) -> List[Agent]:
        with self._lock:
            agents = [self._known(agent_id) for agent_id in agent_ids]
            for agent in agents:
                agent.is_busy = agent.wanted = True
            return agents

    def _end(self, agents: List[Agent], grace: float | None = None) -> dict[str, str]:
        """End the processes of busy agents; by id a sentence for each that would not end."""
        problems = restart.end(agents, self._processes, self._patience.stop_grace if grace is None else grace)
        with self._lock:
            for agent in agents:
                if agent.spec.id not in problems and agent.process is not None:
                    agent.exit_code, agent.exited_at = agent.process.exit_code(), iso_now()
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

    def _tell_settled(self) -> None:
        with self._lock:
            open_ends = [agent for agent in self._agents.values() if agent.is_busy or not self._is_settled(agent)]
            if not self._unwanted and not open_ends:
                self._wishes.settled()

    def _is_settled(self, agent: Agent) -> bool:
        hold = self._wishes.hold(agent.spec.id)
        if hold is None:
            return not agent.is_outdated and (agent.was_started or not agent.wanted)
        return agent.process is None if hold.ends else agent.process is not None

    def _tell_changes(self) -> None:
        now = frozenset((one.id, one.is_running, one.state) for one in self.list())
        if now != self._last_seen:
            self._last_seen = now
            self.on_change()
