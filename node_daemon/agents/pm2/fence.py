"""Sees to it that agents which may not run do not: by asking PM2, and if that does not help, without it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, List

from node_daemon import log
from node_daemon.agents.pm2.client import App, Client, Pm2Failed
from node_daemon.agents.wishes import Wishes

AT_ONCE = 64
PATIENCE = 8.0  # seconds; PM2 itself kills an agent that ignores it for 5 s


class Fence:
    """`end_all` ends PM2 with all of its agents; those that may run are started again by a new one."""

    def __init__(self, client: Client, wishes: Wishes, end_all: Callable[[], None]) -> None:
        self._client = client
        self._wishes = wishes
        self._end_all = end_all
        self._since: float | None = None  # when an agent that must not run was first seen running

    def look(self) -> None:
        """Look once."""
        now = time.monotonic()
        try:
            running = [app for app in self._client.apps() or [] if app.pid and self._ends(app.name)]
            is_fenced = any(self._is_fenced(app.name) for app in running)
        except Pm2Failed as error:
            log.warn("PM2 does not answer", reason=error)
            running, is_fenced = [], any(map(self._is_fenced, self._wishes.specs))
        if not is_fenced:
            self._since = None
        elif self._since is None:
            self._since = now
        elif now - self._since > PATIENCE:
            log.error("PM2 does not stop agents that must not run: it is ended with all of its agents")
            self._end_all()
            self._since = None
            return
        self._stop(running)

    def _stop(self, apps: List[App]) -> None:
        if apps:
            log.info("agents are stopped", agents=",".join(app.name for app in apps))
            with ThreadPoolExecutor(min(AT_ONCE, len(apps))) as pool:
                list(pool.map(self._ask, apps))

    def _ask(self, app: App) -> None:
        try:
            self._client.stop(app)
        except Pm2Failed as error:
            log.warn("agent is not stopped yet", agent=app.name, reason=error)

    def _ends(self, agent_id: str) -> bool:
        hold = self._wishes.hold(agent_id)
        return hold is not None and hold.ends

    def _is_fenced(self, agent_id: str) -> bool:
        hold = self._wishes.hold(agent_id)
        return hold is not None and hold.is_fence
