"""Carries out what the control plane asks for: each command once, also across our own restart."""

from __future__ import annotations

import queue
import re
import threading
from functools import partial
from typing import Any, Callable, Collection, Iterable, Mapping

from node_daemon import __version__, log, messages
from node_daemon.agents.supervisor import SupervisorBusy, UnknownAgent
from node_daemon.command_kinds import Command, CommandFailed, Kind
from node_daemon.lanes import Lanes
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

    def __init__(self, state: StateFolder, kinds: Mapping[str, Kind], under_way: Collection[str] = ()) -> None:
        """`under_way`: commands that a daemon carried on across its own restart; `finish` tells their end."""
        self.on_result: Callable[[], None] = lambda: None
        self._state = state
        self._kinds = kinds
        self._lock = threading.Lock()
        self._waiting: queue.Queue[Command] = queue.Queue()
        saved = state.read(FILE)
        self._seen: list[str] = [one for one in _list(saved, "seen") if isinstance(one, str)]
        self._results: dict[str, dict[str, Any]] = {
            one["id"]: one for one in _list(saved, "results") if isinstance(one, dict) and "id" in one
        }
        self._open: list[str] = []
        for command_id in map(str, _list(saved, "open")):
            if command_id in under_way:
                self._open.append(command_id)
            else:
                self._results[command_id] = messages.result(command_id, False, INTERRUPTED)

    def take(self, commands: object) -> None:
        """Queue the commands of an answer; those seen before, and what is not a command, are passed over."""
        for said in commands if isinstance(commands, list) else []:
            command = _command(said)
            if command is not None and self._remember(command.id):
                log.info("command received", id=command.id, kind=command.kind)
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
        """Carry out commands for ever; one that takes long holds back its own lane only."""
        lanes = Lanes()
        while True:
            command = self._waiting.get()
            kind = self._kinds.get(command.kind)
            lanes.put(kind.lane(command) if kind else "", partial(self.carry_out, command))

    def carry_out(self, command: Command) -> None:
        try:
            result = self._result(command)
        except Exception as error:  # noqa: BLE001 - every command must get a result, or the server repeats it for ever
            log.error("command failed", id=command.id, reason=f"{type(error).__name__}: {error}")
            result = messages.result(command.id, False, "this command failed on the node: see the daemon's log")
        self.finish(result)

    def finish(self, result: dict[str, Any]) -> None:
        """The end of a command, to be reported."""
        log.info("command done", id=result["id"], ok=result["ok"], message=result["message"])
        with self._lock:
            if result["id"] in self._open:
                self._open.remove(result["id"])
            self._results[result["id"]] = result
            self._save()
        self.on_result()

    def _result(self, command: Command) -> dict[str, Any]:
        kind = self._kinds.get(command.kind)
        if kind is None:
            text = f"this daemon ({__version__}) does not know the command {command.kind[:60]}"
            return messages.result(command.id, False, text)
        try:
            done = kind.carry_out(command)
        except (CommandFailed, UnknownAgent, SupervisorBusy) as error:
            return messages.result(command.id, False, str(error))
        if isinstance(done, str):
            return messages.result(command.id, True, done)
        return messages.result(command.id, done.ok, done.message, done)

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


def _command(said: object) -> Command | None:
    command_id = said.get("id") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(command_id, str) or not ID.fullmatch(command_id):
        return None
    arguments = said.get("arguments")
    return Command(
        id=command_id,
        kind=str(said.get("kind")),
        agent_id=str(said.get("agentId") or ""),
        arguments=arguments if isinstance(arguments, dict) else {},
    )


def _list(saved: dict[str, Any], key: str) -> list[Any]:
    found = saved.get(key)
    return found if isinstance(found, list) else []
