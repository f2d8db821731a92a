"""Ends agents whose lease ran out when no daemon is left to do it: a process of its own, started by the daemon.

A daemon that was stopped, or died and is not started again, leaves its agents running. Those that may be started
elsewhere must not go on.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from typing import Iterable

from node_daemon import log
from node_daemon.agents import adoption, child_processes, process
from node_daemon.agents.choice import pm2_client
from node_daemon.agents.pm2.client import Pm2Failed, end_strays
from node_daemon.assignments.assigned import Assigned
from node_daemon.lifecycle.program import Program
from node_daemon.machine import proc
from node_daemon.machine.readers import ProcessReader
from node_daemon.machine.sample import find_readers
from node_daemon.settings import Settings
from node_daemon.state import StateFolder

NAME = "watch-leases"
LOCK = "guard.lock"
LOOK = 2.0
DETACHED = '"$@" </dev/null & '  # nobody waits for it


class Guard:
    """The daemon's hold on it: started where there is a lease to watch and none watches."""

    def __init__(self, state: StateFolder, assigned: Assigned, program: Program | None) -> None:
        self._state = state
        self._assigned = assigned
        self._command = [*(program.command if program else [sys.executable, "-m", "node_daemon"]), NAME]

    def ensure(self) -> None:
        """Start one where that is needed."""
        if not self._assigned.has_leases or _taken(self._state) is None:
            return
        try:
            subprocess.run(
                ["/bin/sh", "-c", DETACHED, "sh", *self._command], check=True, timeout=10, start_new_session=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            log.error("nobody watches the leases of agents if this daemon dies", reason=type(error).__name__)


def watch(settings: Settings) -> int:
    """Look until there is no lease any more; answers the exit code."""
    state = StateFolder(settings.state_dir)
    lock = _taken(state, keep=True)
    if lock is None:
        return 0  # another one watches
    _, processes = (None, proc.ProcProcesses()) if proc.available() else find_readers(state.path / "cache")
    while True:
        time.sleep(LOOK)
        assigned = Assigned(state)
        if not assigned.has_leases:
            return 0
        holds = {agent_id: assigned.hold(agent_id) for agent_id in assigned.told.agents}
        # A daemon that lives has ended them before that.
        late = [agent_id for agent_id, hold in holds.items() if hold is not None and hold.is_fence and hold.at_once]
        _end(settings, state, processes, late)


def _end(settings: Settings, state: StateFolder, processes: ProcessReader, agent_ids: Iterable[str]) -> None:
    late = set(agent_ids)
    records = state.read(child_processes.FILE).get("agents")
    found = {
        agent_id: adoption.living(record, processes)
        for agent_id, record in (records.items() if isinstance(records, dict) else ())
        if agent_id in late and isinstance(record, dict)
    }
    alive = [one for one in found.values() if one is not None]
    if alive:
        log.warn("agents are ended: their lease ran out and no daemon did it", pids=[one.pid for one in alive])
        process.stop_together(alive, processes, 0.0)
    if late and settings.supervisor == "pm2":
        _end_under_pm2(settings, late)


def _end_under_pm2(settings: Settings, late: set[str]) -> None:
    client = pm2_client(settings)
    try:
        for app in client.apps() or []:
            if app.name in late and app.pid:
                log.warn("agent is ended: its lease ran out and no daemon did it", agent=app.name)
                client.stop(app)
    except Pm2Failed as error:
        log.error("PM2 is ended: it does not stop an agent that must not run", reason=error)
        end_strays(client.home)


def _taken(state: StateFolder, keep: bool = False) -> int | None:
    """The lock of the one that watches, or None while another process has it."""
    try:
        descriptor = os.open(str(state.path / LOCK), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    if not keep:
        os.close(descriptor)
    return descriptor
