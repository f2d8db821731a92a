"""Counts the deaths of agents under PM2, which starts them again by itself."""

from __future__ import annotations

import time
from typing import Dict, Iterable, List

from node_daemon.agents.life import Life, Patience
from node_daemon.agents.pm2.client import ERRORED, ONLINE, App
from node_daemon.clock import iso_now


class Deaths:
    """What PM2's counter of restarts means: each step of it that we did not make was a death."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._lives: Dict[str, Life] = {}
        self._counted: Dict[str, int] = {}
        self._next_try: Dict[str, float] = {}
        self._exited_at: Dict[str, str] = {}

    def noted(self, apps: Iterable[App], now: float) -> List[App]:
        """Note what happened since the last look; the agents that PM2 has given up and that are due for a new try."""
        due = []
        for app in apps:
            life = self._lives.setdefault(app.name, Life(self.patience))
            for _ in range(min(app.restarts - self._counted.get(app.name, app.restarts), self.patience.loop_restarts)):
                life.died(now)
                life.restarted(now)
                self._exited_at[app.name] = iso_now()
            self._counted[app.name] = app.restarts
            if app.status == ONLINE:
                life.lived(max(0.0, time.time() - app.started_at))
            elif app.status == ERRORED and not life.is_given_up and now >= self._next_try.get(app.name, 0.0):
                self._next_try[app.name] = now + self.patience.longest
                due.append(app)
        return due

    def ours(self, apps: Iterable[App], afresh: bool = False) -> None:
        """These agents were restarted on purpose: their counters are no deaths; `afresh` forgets those before."""
        for app in apps:
            self._counted[app.name] = app.restarts
            if afresh:
                self._lives.pop(app.name, None)

    def forget(self, agent_id: str) -> None:
        """It is started for the first time."""
        self._lives.pop(agent_id, None)
        self._counted[agent_id] = 0

    def of(self, agent_id: str) -> Life:
        return self._lives.get(agent_id) or Life(self.patience)

    def exited_at(self, agent_id: str) -> str | None:
        """When its last death was noticed."""
        return self._exited_at.get(agent_id)
