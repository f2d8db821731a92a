"""Counts the deaths of agents under PM2, which starts them again by itself."""

from __future__ import annotations

import time
from typing import Dict, Iterable, List

from node_daemon.agents.life import Life, Patience
from node_daemon.agents.pm2.client import ERRORED, ONLINE, App


class Deaths:
    """What PM2's counter of restarts means: each step of it that we did not make was a death."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._lives: Dict[str, Life] = {}
        self._counted: Dict[str, int] = {}
        self._next_try: Dict[str, float] = {}

    def noted(self, apps: Iterable[App], now: float) -> List[App]:
        """Note what happened since the last look; the agents that PM2 has given up and that are due for a new try."""
        due = []
        for app in apps:
            life = self._lives.setdefault(app.name, Life(self.patience))
            for _ in range(min(app.restarts - self._counted.get(app.name, app.restarts), self.patience.loop_restarts)):
                life.died(now)
                life.restarted(now)
            self._counted[app.name] = app.restarts
            if app.status == ONLINE:
                life.lived(max(0.0, time.time() - app.started_at))
            elif app.status == ERRORED and now >= self._next_try.get(app.name, 0.0):
                self._next_try[app.name] = now + self.patience.longest
                due.append(app)
        return due

    def ours(self, apps: Iterable[App]) -> None:
        """These agents were restarted on purpose: their counters are no deaths."""
        self._counted.update({app.name: app.restarts for app in apps})

    def forget(self, agent_id: str) -> None:
        """It is started for the first time."""
        self._lives.pop(agent_id, None)
        self._counted[agent_id] = 0

    def is_looping(self, agent_id: str) -> bool:
        life = self._lives.get(agent_id)
        return life is not None and life.is_looping
