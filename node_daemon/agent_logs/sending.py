"""Carries out the command agent_logs: sends an agent's last lines, and then what it writes while somebody watches."""

from __future__ import annotations

import json
import threading
import time
from typing import Any, Callable, List

from node_daemon.agent_logs.reading import Cleaner, LogReader
from node_daemon.agents.supervisor import Supervisor
from node_daemon.command_kinds import Command, CommandFailed, Kind
from node_daemon.control_plane import Answer, Unreachable

USUAL_LINES, MOST_LINES = 200, 2000
LARGEST_PART, LONGEST_PART = 60_000, 500  # bytes and lines; the control plane takes 64 kB, and lists of 500
LONGEST_WATCH = 600.0  # seconds
PAUSE = 1.0
TRIES = 5  # to bring a part across
MOST_WATCHED = 8


class AgentLogs:
    """`send` brings one part to the control plane."""

    def __init__(
        self,
        supervisor: Supervisor,
        send: Callable[[dict[str, Any]], Answer],
        pause: float = PAUSE,
    ) -> None:
        self._supervisor = supervisor
        self._send = send
        self._pause = pause
        self._places = threading.BoundedSemaphore(MOST_WATCHED)

    @property
    def kind(self) -> Kind:
        # Nobody waits for anybody: reading a log changes nothing.
        return Kind(self.carry_out, lane=lambda command: f"logs {command.id}")

    def carry_out(self, command: Command) -> str:
        """Raises CommandFailed, UnknownAgent."""
        agent_id = command.about
        lines = command.arguments.get("lines", USUAL_LINES)
        if type(lines) is not int or not 1 <= lines <= MOST_LINES:
            raise CommandFailed(f"lines must be a number from 1 to {MOST_LINES}")
        output = self._supervisor.output(agent_id)
        reader, cleaner = LogReader(output.path), Cleaner(output.secrets)
        post = _Post(self._send, command.id, agent_id, self._pause)
        if command.arguments.get("follow") is not True:
            post.lines(cleaner.clean([*reader.last(lines), *reader.rest()])[-lines:], more=False)
            return post.sentence
        if not self._places.acquire(blocking=False):
            raise CommandFailed(f"{MOST_WATCHED} logs of this node are being watched already: close one of them first")
        try:
            post.lines(cleaner.clean(reader.last(lines))[-lines:], more=True)
            self._follow(reader, cleaner, post)
        finally:
            self._places.release()
        return post.sentence

    def _follow(self, reader: LogReader, cleaner: Cleaner, post: _Post) -> None:
        until = time.monotonic() + LONGEST_WATCH
        while not post.is_stopped and time.monotonic() < until:
            time.sleep(self._pause)
            # Also without a new line: the answer says whether anybody still watches.
            post.lines(cleaner.clean(reader.new()), more=True)
        if not post.is_stopped:
            post.lines(cleaner.clean(reader.rest()), more=False)


class _Post:
    """Sends lines under numbers that count up, so that a part which comes twice is known."""

    def __init__(self, send: Callable[[dict[str, Any]], Answer], command_id: str, agent_id: str, pause: float) -> None:
        self._send = send
        self._head = {"commandId": command_id, "agentId": agent_id}
        self._pause = pause
        self._sent = 0
        self.is_stopped = False

    @property
    def sentence(self) -> str:
        return f"{self._sent} line{'' if self._sent == 1 else 's'} sent"

    def lines(self, lines: List[str], more: bool) -> None:
        """Raises CommandFailed."""
        parts = _parts(lines) or [[]]
        for number, part in enumerate(parts, 1):
            if not self.is_stopped:
                self._bring({**self._head, "from": self._sent, "lines": part, "more": more or number < len(parts)})
                self._sent += len(part)

    def _bring(self, message: dict[str, Any]) -> None:
        for attempt in range(TRIES):
            try:
                answer = self._send(message)
            except Unreachable as error:
                reason = str(error)
            else:
                if answer.ok:
                    self.is_stopped = answer.body.get("stop") is True
                    return
                reason = answer.sentence
                if answer.status < 500 and answer.status != 429:
                    break
            time.sleep(self._pause * (attempt + 1))
        raise CommandFailed(f"{self.sentence}, then the control plane did not take more: {reason}")


def _parts(lines: List[str]) -> List[List[str]]:
    """The lines in parts that fit into one message each."""
    parts: List[List[str]] = []
    room = 0
    for line in lines:
        size = len(json.dumps(line)) + 1
        if size > room or len(parts[-1]) == LONGEST_PART:
            parts.append([])
            room = LARGEST_PART
        parts[-1].append(line)
        room -= size
    return parts
