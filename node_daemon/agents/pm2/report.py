"""What an app of PM2 means to the rest of the daemon."""

from __future__ import annotations

from node_daemon.agents.agent import SETTLED
from node_daemon.agents.life import Life
from node_daemon.agents.pm2.client import ERRORED, ONLINE, App
from node_daemon.agents.spec import AgentSpec
from node_daemon.agents.supervisor import CRASH_LOOPING, PAUSED, RUNNING, STARTING, STOPPED, AgentStatus
from node_daemon.assignments.lease import Hold
from node_daemon.clock import iso


def status(
    spec: AgentSpec,
    app: App | None,
    now: float,
    wanted: bool,
    hold: Hold | None,
    life: Life,
    exited_at: str | None,
    is_outdated: bool,
) -> AgentStatus:
    """An agent as it is at `now` (epoch seconds); `app` is None when PM2 does not know it.

    `is_outdated`: PM2 runs it by another spec, and is soon to start it anew.
    """
    pid = app.pid if app is not None and app.status == ONLINE else None
    as_wished = pid is not None and not is_outdated
    return AgentStatus(
        id=spec.id,
        name=spec.name,
        role=spec.role,
        state=_held(hold, wanted) if pid is None and (hold or not wanted) else _state(app, as_wished, now, life),
        pid=pid,
        restarts=app.restarts if app else 0,
        started_at=iso(app.started_at) if app and pid else None,
        exit_code=app.exit_code if app and exited_at else None,
        exited_at=exited_at,
        is_given_up=life.is_given_up,
    )


def _held(hold: Hold | None, wanted: bool) -> str:
    return PAUSED if wanted and hold is not None and hold.is_pause else STOPPED


def _state(app: App | None, as_wished: bool, now: float, life: Life) -> str:
    if app is not None and (app.status == ERRORED or life.is_looping):
        return CRASH_LOOPING
    return RUNNING if app is not None and as_wished and now - app.started_at >= SETTLED else STARTING
