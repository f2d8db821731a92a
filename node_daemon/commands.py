"""Carries out what the control plane asks for: each command once, also across our own restart."""

from __future__ import annotations

import queue
import re
import threading
from typing import Any, Callable, Iterable

from node_daemon import __version__, log, messages
from node_daemon.agents.supervisor import Supervisor, SupervisorBusy, UnknownAgent
from node_daemon.state import StateFolder

FILE = "commands.json"
REMEMBERED = 1000
ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
INTERRUPTED = "the daemon was restarted before this was done: send it again"


class Commands:
    """Ids that were seen, and results that the control plane has not acknowledged yet.

    An id is saved before its command is carried out: a daemon that dies in between reports a failure
    at its next start rather than doing the thing twice.
    """

    def __init__(self, state: StateFolder, supervisor: Supervisor) -> None:
        self.on_result: Callable[[], None] = lambda: None
        self._state = state
        self._supervisor = supervisor
        self._lock = threading.Lock()
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue()
        saved = state.read(FILE)
        self._seen: list[str] = [one for one in _list(saved, "seen") if isinstance(one, str)]
        self._results: dict[str, dict[str, Any]] = {
            one["id"]: one for one in _list(saved, "results") if isinstance(one, dict) and "id" in one
        }
        for command_id in map(str, _list(saved, "open")):
            self._results[command_id] = messages.result(command_id, False, INTERRUPTED)
        self._open: list[str] = []

    def take(self, commands: object) -> None:
        """Queue the commands of an answer; those seen before, and what is not a command, are passed over."""
        for command in commands if isinstance(commands, list) else []:
            command_id = command.get("id") if isinstance(command, dict) else None
            if isinstance(command_id, str) and ID.fullmatch(command_id) and self._remember(command_id):
                log.info("command received", id=command_id, kind=command.get("kind"))
                self._waiting.put(command)

    def results(self) -> list[dict[str, Any]]:
        """Results to report, oldest first."""
        with self._lock:
            return list(self._results.values())

    def acknowledge(self, reported: Iterable[dict[str, Any]]) -> None:
        """The control plane has these results: forget them."""
        with self._lock:
            known = [self._results.pop(one["id"], None) for one in reported]
            if any(known):
                self._save()

    def run(self) -> None:
        """Carry out commands for ever, one after the other."""
        while True:
            self.carry_out(self._waiting.get())

    def carry_out(self, command: dict[str, Any]) -> None:
        try:
            result = self._result(command)
        except Exception as error:  # noqa: BLE001 - every command must get a result, or the server repeats it for ever
            log.error("command failed", id=command["id"], reason=f"{type(error).__name__}: {error}")
            result = messages.result(command["id"], False, "this command failed on the node: see the daemon's log")
        log.info("command done", id=command["id"], ok=result["ok"], message=result["message"])
        with self._lock:
            self._open.remove(command["id"])
            self._results[command["id"]] = result
            self._save()
        self.on_result()

    def _result(self, command: dict[str, Any]) -> dict[str, Any]:
        command_id, kind = command["id"], command.get("kind")
        if kind not in ("restart_agents", "restart_agent"):
            text = f"this daemon ({__version__}) does not know the command {str(kind)[:60]}"
            return messages.result(command_id, False, text)
        try:
            only = [str(command.get("agentId"))] if kind == "restart_agent" else None
            outcome = self._supervisor.restart(only)
        except (UnknownAgent, SupervisorBusy) as error:
            return messages.result(command_id, False, str(error))
        return messages.result(command_id, outcome.ok, outcome.message, outcome)

    def _remember(self, command_id: str) -> bool:
        """Whether it is new; if so it is saved as begun."""
        with self._lock:
            if command_id in self._seen:
                return False
            self._seen = [*self._seen, command_id][-REMEMBERED:]
            self._open.append(command_id)
            self._save()
            return True

    def _save(self) -> None:
        data = {"seen": self._seen, "open": self._open, "results": list(self._results.values())}
        self._state.write(FILE, data)


def _list(saved: dict[str, Any], key: str) -> list[Any]:
    found = saved.get(key)
    return found if isinstance(found, list) else []
