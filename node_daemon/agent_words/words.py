"""Keeps what agents said until they say otherwise, and answers until they are fetched, also over our own restart."""

from __future__ import annotations

import threading
import time
from typing import Any, Callable, Dict, Iterable, List

from node_daemon.agent_words import said
from node_daemon.agent_words.said import Said
from node_daemon.agents.supervisor import AgentStatus, Supervisor, UnknownAgent
from node_daemon.clock import iso_now
from node_daemon.command_kinds import Command, CommandFailed, Kind
from node_daemon.state import StateFolder

FILE = "words.json"
MOST_ANSWERS = 20  # of one agent that fetches none
PROGRESS_PAUSE = 10.0  # seconds between two early beats for nothing but progress


class AgentWords:
    """Safe for any thread. What a process said counts as long as that process runs."""

    def __init__(self, state: StateFolder, supervisor: Supervisor) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._state = state
        self._supervisor = supervisor
        self._lock = threading.Lock()
        saved = state.read(FILE).get("agents")
        self._words: Dict[str, Dict[str, Any]] = dict(saved) if isinstance(saved, dict) else {}
        self._progress_told = float("-inf")

    @property
    def kind(self) -> Kind:
        """The command that brings the answer of a person."""
        return Kind(self._take_answer, lane=lambda command: f"answer {command.about}")

    def say(self, agent_id: str, message: Said) -> None:
        """Raises UnknownAgent."""
        agent = self._known(agent_id)
        now = iso_now()
        with self._lock:
            words = self._of(agent)
            if message.is_working:
                words.pop("waiting", None)
            if message.question is not None:
                told = {"question": message.question.text, "link": message.question.link}
                before = words.get("waiting") or {}
                is_same = {**before, **told} == before  # asked again: it waits since it first asked
                words["waiting"] = before if is_same else {**told, "since": now}
            if message.progress is not None:
                words["progress"] = {"text": message.progress.text, "percent": message.progress.percent, "at": now}
            self._save()
        self._tell(only_progress=message.question is None and not message.is_working)

    def fetch_answer(self, agent_id: str) -> str | None:
        """The oldest answer that was not fetched yet: each is given once. Raises UnknownAgent."""
        self._known(agent_id)
        with self._lock:
            words = self._words.get(agent_id, {})
            answers: List[str] = words.get("answers") or []
            if not answers:
                return None
            answer, words["answers"] = answers[0], answers[1:]
            words.pop("waiting", None)
            self._save()
        self.on_change()
        return answer

    def details(self, agents: Iterable[AgentStatus]) -> Dict[str, Dict[str, Any]]:
        """What a heartbeat says of these agents, by id."""
        with self._lock:
            return {one.id: found for one in agents if (found := self._current(one))}

    def _take_answer(self, command: Command) -> str:
        agent_id = command.about
        self._known(agent_id)
        try:
            answer = said.answer(command.arguments.get("answer"))
        except ValueError as error:
            raise CommandFailed(str(error)) from None
        with self._lock:
            words = self._words.setdefault(agent_id, {})
            words["answers"] = [*(words.get("answers") or []), answer][-MOST_ANSWERS:]
            self._save()
        return f"the answer waits for {agent_id} to fetch it"

    def _current(self, agent: AgentStatus) -> Dict[str, Any]:
        words = self._words.get(agent.id, {})
        if agent.pid is None or words.get("startedAt") != agent.started_at:
            return {}
        return {key: words[key] for key in ("waiting", "progress") if words.get(key)}

    def _of(self, agent: AgentStatus) -> Dict[str, Any]:
        words = self._words.get(agent.id, {})
        if words.get("startedAt") != agent.started_at:  # an earlier process said that
            words = {"startedAt": agent.started_at, "answers": words.get("answers") or []}
        self._words[agent.id] = words
        return words

    def _known(self, agent_id: str) -> AgentStatus:
        for one in self._supervisor.list():
            if one.id == agent_id:
                return one
        raise UnknownAgent(f"this node has no agent {agent_id[:128]}")

    def _tell(self, only_progress: bool) -> None:
        now = time.monotonic()
        if only_progress and now - self._progress_told < PROGRESS_PAUSE:
            return  # it travels with the next beat
        self._progress_told = now
        self.on_change()

    def _save(self) -> None:
        known = {one.id for one in self._supervisor.list()}
        self._words = {agent_id: words for agent_id, words in self._words.items() if agent_id in known}
        self._state.write(FILE, {"agents": self._words})
