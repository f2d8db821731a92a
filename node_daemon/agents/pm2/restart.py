"""A restart under PM2: ask for it by the id of this moment, then see the new process."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, Mapping, Set

from node_daemon.agents.pm2.client import ONLINE, App, Client, Pm2Failed

AT_ONCE = 8
LIMIT = 15.0  # seconds for the new process to come
SEEN = 0.5  # seconds that it must live to count as seen
LOOK = 0.1


def restart(client: Client, olds: Mapping[str, App]) -> Dict[str, str]:
    """Restart these apps, several at a time; by name a sentence for each whose new process was not seen."""
    if not olds:
        return {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        refused = dict(zip(olds, pool.map(lambda app: _ask(client, app), olds.values())))  # noqa: B905 - Python 3.8 has no strict
    problems = {name: sentence for name, sentence in refused.items() if sentence}
    waited = {name: app.pid for name, app in olds.items() if name not in problems}
    return {**problems, **_wait(client, waited)}


def unseen(client: Client, names: Set[str]) -> Dict[str, str]:
    """By name a sentence for each of these new apps that does not live."""
    return _wait(client, dict.fromkeys(names))


def _ask(client: Client, app: App) -> str:
    try:
        client.restart(app)
    except Pm2Failed as error:
        return f"{app.name} could not be restarted: {error}"
    return ""


def _wait(client: Client, olds: Mapping[str, int | None]) -> Dict[str, str]:
    """Wait until each of these runs as another process than before, and has lived for a moment."""
    deadline = time.monotonic() + LIMIT
    since: Dict[str, float] = {}
    pids: Dict[str, int] = {}
    while olds:
        now = time.monotonic()
        apps = {app.name: app for app in client.apps() or []}
        fresh = {name: apps[name].pid or 0 for name, old in olds.items() if name in apps and _is_new(apps[name], old)}
        died = sorted(name for name in pids if fresh.get(name) != pids[name])
        if died:
            others = {name: old for name, old in olds.items() if name not in died}
            return {**{name: f"{name} ended right after its start" for name in died}, **_wait(client, others)}
        for name, pid in fresh.items():
            pids[name], since[name] = pid, since.get(name, now)
        if len(fresh) == len(olds) and all(now - began >= SEEN for began in since.values()):
            return {}
        if now > deadline:
            return {name: _why_not(name, apps.get(name), olds[name]) for name in olds if name not in fresh}
        time.sleep(LOOK)
    return {}


def _why_not(name: str, app: App | None, old: int | None) -> str:
    if app is not None and app.pid is not None and app.pid == old:
        return f"{name} was not restarted: process {old} still runs"
    return f"{name} did not come back within {LIMIT:.0f} s"


def _is_new(app: App, old: int | None) -> bool:
    return app.status == ONLINE and app.pid is not None and app.pid != old
