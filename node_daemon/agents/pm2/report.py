"""What an app of PM2 means to the rest of the daemon."""

from __future__ import annotations

from node_daemon.agents.agent import SETTLED
from node_daemon.agents.pm2.client import ERRORED, ONLINE, App
from node_daemon.agents.spec import AgentSpec
from node_daemon.agents.supervisor import CRASH_LOOPING, RUNNING, STARTING, STOPPED, AgentStatus
from node_daemon.clock import iso


def status(spec: AgentSpec, app: App | None, now: float, wanted: bool, is_looping: bool) -> AgentStatus:
    """An agent as it is at `now` (epoch seconds); `app` is None when PM2 does not know it."""
    pid = app.pid if app is not None and app.status == ONLINE else None
    return AgentStatus(
        id=spec.id,
        name=spec.name,
        role=spec.role,
        state=_state(app, pid is not None, now, wanted, is_looping),
        pid=pid,
        restarts=app.restarts if app else 0,
        started_at=iso(app.started_at) if app and pid else None,
    )


def _state(app: App | None, alive: bool, now: float, wanted: bool, is_looping: bool) -> str:
    if not alive and not wanted:
        return STOPPED
    if app is not None and (app.status == ERRORED or is_looping):
        return CRASH_LOOPING
    return RUNNING if app is not None and alive and now - app.started_at >= SETTLED else STARTING
