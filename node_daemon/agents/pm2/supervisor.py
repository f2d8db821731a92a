"""The supervisor that leaves the agents to PM2: tells it what should run, and sees what does."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Set

from node_daemon import log
from node_daemon.agents import log_file, process
from node_daemon.agents.life import Patience
from node_daemon.agents.pm2 import restart
from node_daemon.agents.pm2.client import STOPPED, App, Client, Pm2Failed, end_strays
from node_daemon.agents.pm2.deaths import Deaths
from node_daemon.agents.pm2.ecosystem import Ecosystem
from node_daemon.agents.pm2.fence import Fence
from node_daemon.agents.pm2.report import status
from node_daemon.agents.process import START_MARK, AgentProcess
from node_daemon.agents.spec import AgentSpec
from node_daemon.agents.supervisor import AgentStatus, Output, Restarted, SupervisorBusy, UnknownAgent
from node_daemon.agents.turn import Turn
from node_daemon.agents.wishes import Wishes
from node_daemon.errors import SettingsError
from node_daemon.machine.readers import ProcessReader
from node_daemon.state import StateFolder

TICK = 1.0
TRY_AGAIN = 5.0  # seconds after PM2 failed us
FILE = "pm2.json"


class Pm2:
    """Runs the agents of this node under a PM2 of our own. They outlive the daemon; PM2 is asked what runs."""

    def __init__(
        self,
        wishes: Wishes,
        state: StateFolder,
        processes: ProcessReader,
        client: Client,
        ecosystem: Ecosystem,
        patience: Patience | None = None,
    ) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._wishes = wishes
        self._state = state
        self._processes = processes
        self._client, self._ecosystem = client, ecosystem
        self._deaths = Deaths(patience or Patience())
        self._started: Dict[str, str] = {}  # by agent, the fingerprint of the app that was started
        self._unwanted: set[str] = set()
        self._runtime = ""  # the one whose PM2 runs
        self._fence = Fence(client, wishes, self._end_all)
        self._turn = Turn()
        self._launching = threading.Lock()
        self._closed = threading.Event()
        self._not_before = 0.0
        self._last_seen: frozenset[Any] = frozenset()

    def open(self) -> None:
        """Read the agents file and what was started before. Starts nothing. Raises SettingsError."""
        if not self._ecosystem.runtime.is_whole():
            raise SettingsError(f"WORKER_SUPERVISOR is pm2, but {self._ecosystem.runtime.folder} holds no Node and PM2")
        self._wishes.open()
        saved = self._state.read(FILE)
        started, unwanted = saved.get("started"), saved.get("unwanted")
        self._started = {str(key): str(value) for key, value in started.items()} if isinstance(started, dict) else {}
        self._unwanted = set(map(str, unwanted)) if isinstance(unwanted, list) else set()
        self._runtime = str(saved.get("runtime") or "")

    def run(self) -> None:
        """Watch the agents until `close()`."""
        while True:
            try:
                self.tick()
            except Exception as error:  # noqa: BLE001 - a fault with one agent must not end the watch over all
                log.error("watching the agents failed", reason=f"{type(error).__name__}: {error}")
            if self._closed.wait(TICK):
                return

    def close(self, stop_agents: bool) -> None:
        """Start nothing any more; agents go on unless they are to stop as well."""
        self._closed.set()
        if stop_agents:
            try:
                if self._client.apps() is not None:
                    self._client.end()
            except Pm2Failed as error:
                log.error("agents cannot be stopped", reason=error)

    def tick(self) -> None:
        """Look once: end what may not run, take in what changed, tell PM2 what differs, count the deaths."""
        now = time.monotonic()
        if self._closed.is_set():
            return
        self._fence.look()  # not in turn: no restart that takes long holds it back
        if now < self._not_before:
            return
        agent_ids = set(self._wishes.specs)
        with self._turn.of_those_free(agent_ids) as free:
            if free != agent_ids:
                return  # a restart is under way
            try:
                self._wishes.changed()
                if self._settle(now):
                    self._wishes.settled()
            except Pm2Failed as error:
                self._not_before = now + TRY_AGAIN
                log.error("PM2 failed", reason=error)
        for agent_id in list(self._wishes.specs):
            log_file.rotate(self._log_path(agent_id))
        self._tell_changes()

    def list(self) -> List[AgentStatus]:
        apps, now = self._seen(), time.time()
        return [self._status(spec, apps.get(spec.id), now) for spec in list(self._wishes.specs.values())]

    def start(self, agent_id: str) -> None:
        self._known(agent_id)
        if agent_id in self._unwanted:
            self.restart([agent_id])

    def stop(self, agent_id: str) -> None:
        self._known(agent_id)
        with self._turn.wait([agent_id]):
            self._unwanted.add(agent_id)
            self._save()
            try:
                app = self._seen().get(agent_id)
                if app is not None:
                    self._client.stop(app)
            except Pm2Failed as error:
                raise SupervisorBusy(str(error)) from None
        self._tell_changes()

    def restart(self, agent_ids: Iterable[str] | None = None) -> Restarted:
        specs = self._chosen(agent_ids)
        with self._turn.wait(spec.id for spec in specs):
            holds = {spec.id: self._wishes.hold(spec.id) for spec in specs}
            problems = {one: f"{one} was not started: {hold.reason}" for one, hold in holds.items() if hold}
            specs = [spec for spec in specs if spec.id not in problems]
            self._unwanted -= {spec.id for spec in specs}
            self._save()
            problems.update(self._renew(specs))
        self._tell_changes()
        wanted = {spec.id for spec in specs} - set(problems)
        return Restarted(tuple(one for one in self.list() if one.id in wanted), tuple(problems.values()))

    def output(self, agent_id: str) -> Output:
        spec = self._known(agent_id)
        return Output(self._log_path(agent_id), spec.secrets(self._ecosystem.variables))

    def unknown(self) -> Iterable[str]:
        return self._wishes.unknown

    def _status(self, spec: AgentSpec, app: App | None, now: float) -> AgentStatus:
        wanted = spec.id not in self._unwanted
        hold, life = self._wishes.hold(spec.id), self._deaths.of(spec.id)
        is_outdated = app is not None and self._is_due(spec, {app.name: app})
        return status(spec, app, now, wanted, hold, life, self._deaths.exited_at(spec.id), is_outdated)

    def _settle(self, now: float) -> bool:
        """Make PM2 run what should run, and nothing else; answers whether that is so now."""
        specs = self._wishes.specs
        apps = self._client.apps()
        if apps is not None and self._runtime != str(self._ecosystem.runtime.folder):
            log.info("the runtime has changed: PM2 and its agents are started anew")
            self._client.end()
            apps = None
        running = {app.name: app for app in apps or []}
        may_run = {one for one in specs if one not in self._unwanted and self._wishes.hold(one) is None}
        due = [specs[one] for one in specs if one in may_run and self._is_due(specs[one], running)]
        self._forget(apps or [], running, {spec.id for spec in due})
        if due:
            self._launch(due, fresh=apps is None)
        present = {name: app for name, app in running.items() if name in may_run}
        revived = [
            app for name, app in present.items() if app.status == STOPPED and not self._deaths.of(name).is_given_up
        ]
        for app in [*self._deaths.noted(running.values(), now), *revived]:
            if app.name in may_run and app.name not in {spec.id for spec in due}:
                self._client.restart(app)
        if revived:
            names = {app.name for app in revived}
            self._deaths.ours([app for app in self._seen().values() if app.name in names], afresh=True)
        for app in present.values():
            if self._deaths.of(app.name).is_given_up and app.status != STOPPED:
                log.error("agent died too often and is not started any more", agent=app.name)
                self._client.stop(app)
        alive = {app.name for app in running.values() if app.pid}
        return all(self._is_as_wished(one, one in alive) for one in {*specs, *alive} - self._unwanted)

    def _forget(self, apps: List[App], running: Dict[str, App], due: Set[str]) -> None:
        """Drop what should not be known to PM2, or not as it is; where agents.json is missing, what ran goes on."""
        for app in apps:
            is_stranger = app.name not in self._wishes.specs
            if is_stranger and not self._wishes.is_whole and app.name not in self._wishes.gone:
                continue
            if is_stranger or app.name in due or running[app.name] != app:
                self._client.forget(app)

    def _is_as_wished(self, agent_id: str, alive: bool) -> bool:
        hold = self._wishes.hold(agent_id)
        return hold is None or alive != hold.ends

    def _is_due(self, spec: AgentSpec, running: Dict[str, App]) -> bool:
        fingerprint = self._ecosystem.fingerprint(self._ecosystem.app(spec))
        return spec.id not in running or self._started.get(spec.id) != fingerprint

    def _launch(self, specs: List[AgentSpec], fresh: bool) -> None:
        """Start these agents. `fresh`: no PM2 runs, so whatever an earlier one left is ended first."""
        if self._closed.is_set():
            return
        if fresh:
            self._end_all()
        self._ecosystem.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        apps = {spec.id: self._ecosystem.app(spec) for spec in self._wishes.specs.values()}
        path = self._client.home.parent / "ecosystem.config.json"
        self._ecosystem.write(path, list(apps.values()))
        self._runtime = str(self._ecosystem.runtime.folder)
        # Saved first: a daemon that dies while PM2 starts them must not start them anew when it comes back.
        for spec in specs:
            self._started[spec.id] = self._ecosystem.fingerprint(apps[spec.id])
            self._deaths.forget(spec.id)
        self._save()
        self._client.start(path, [spec.id for spec in specs])
        log.info("agents started under PM2", agents=",".join(spec.id for spec in specs))

    def _end_all(self) -> None:
        """End PM2 and its agents without asking it."""
        end_strays(self._client.home)
        self._end_orphans()

    def _end_orphans(self) -> None:
        """Agents of a PM2 that died: without this, the new one would start second copies of them."""
        rows = self._processes.started_with(f"{START_MARK}={self._ecosystem.mark}")
        orphans = [AgentProcess(row.pid, row.identity, "") for row in rows if not row.is_zombie]
        if orphans:
            log.warn("agents that no PM2 looks after are ended", pids=",".join(str(one.pid) for one in orphans))
        process.stop_together(orphans, self._processes, self._deaths.patience.stop_grace)

    def _renew(self, specs: List[AgentSpec]) -> Dict[str, str]:
        """Restart these agents; by id a sentence for each that failed."""
        try:
            before = self._seen()
            absent = [spec for spec in specs if spec.id not in before]
            if absent:
                with self._launching:
                    self._launch(absent, fresh=self._client.apps() is None)
            olds = {spec.id: before[spec.id] for spec in specs if spec.id in before}
            problems = restart.restart(self._client, olds)
            problems.update(restart.unseen(self._client, {spec.id for spec in absent}))
        except Pm2Failed as error:
            return {spec.id: f"{spec.id}: {error}" for spec in specs}
        self._deaths.ours(
            [app for app in self._seen().values() if app.name in {spec.id for spec in specs}], afresh=True
        )
        return problems

    def _seen(self) -> Dict[str, App]:
        try:
            return {app.name: app for app in self._client.apps() or []}
        except Pm2Failed as error:
            log.warn("PM2 does not answer", reason=error)
            return {}

    def _chosen(self, agent_ids: Iterable[str] | None) -> List[AgentSpec]:
        if agent_ids is None:
            specs = self._wishes.specs.values()
            return [one for one in specs if one.id not in self._unwanted and not self._wishes.hold(one.id)]
        return [self._known(agent_id) for agent_id in agent_ids]

    def _known(self, agent_id: str) -> AgentSpec:
        spec = self._wishes.specs.get(agent_id)
        if spec is None:
            raise UnknownAgent(f"this node has no agent {agent_id}")
        return spec

    def _log_path(self, agent_id: str) -> Path:
        return self._ecosystem.logs / f"{agent_id}.log"

    def _save(self) -> None:
        saved = {"started": self._started, "unwanted": sorted(self._unwanted), "runtime": self._runtime}
        self._state.write(FILE, saved)

    def _tell_changes(self) -> None:
        now = frozenset((one.id, one.is_running, one.state) for one in self.list())
        if now != self._last_seen:
            self._last_seen = now
            self.on_change()
