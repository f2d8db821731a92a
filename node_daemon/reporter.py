"""Registers this node and reports on it, for ever: whatever the control plane does, the next try comes."""

from __future__ import annotations

import threading
import time
from typing import Any, Callable, Dict, List, Protocol

from node_daemon import log, messages, pace
from node_daemon.agent_words.words import AgentWords
from node_daemon.agents.supervisor import AgentStatus, Supervisor
from node_daemon.assignments import assigned as assignments
from node_daemon.assignments.assigned import Assigned
from node_daemon.clock import since_boot
from node_daemon.commands import Commands
from node_daemon.control_plane import Answer, ControlPlane, Unreachable
from node_daemon.errors import StartError
from node_daemon.machine.sample import Sampler
from node_daemon.settings import Settings
from node_daemon.state import Boot

SHORTEST_GAP = 0.5  # between two early beats; a command that was nudged is to begin within a second
REPEAT_LOG = 60.0  # the same failure is shown once in this time
FINAL = (401, 403, 410)  # the credential will not become valid by itself


class Voice(Protocol):
    """Makes the messages of this node."""

    def registration(self) -> dict[str, Any]: ...

    def heartbeat(self) -> dict[str, Any]: ...

    def registered(self) -> None: ...


class Member(Protocol):
    """Keeps this node's right to speak."""

    def renew(self) -> bool: ...

    def recover(self, answer: Answer) -> bool: ...


class NodeVoice:
    """Speaks for this machine, its agents and its commands; without a boot not as the node's daemon."""

    def __init__(
        self,
        settings: Settings,
        machine_id: str,
        sampler: Sampler,
        supervisor: Supervisor,
        commands: Commands,
        assigned: Assigned,
        words: AgentWords,
        boot: Boot | None = None,
        build: str = "",
    ) -> None:
        self.more_issues: Callable[[], List[Dict[str, Any]]] = list
        self._assigned = assigned
        self._words = words
        self._boot = boot
        self._build = build
        self._settings = settings
        self._machine_id = machine_id
        self._sampler = sampler
        self._supervisor = supervisor
        self._commands = commands

    def registration(self) -> dict[str, Any]:
        message = messages.registration(self._settings, self._machine_id, self._supervisor.list(), self._build)
        if self._boot is not None:
            message.update(bootId=self._boot.id, previousBootIds=self._boot.previous)
            self._boot.registering()
        return message

    def registered(self) -> None:
        if self._boot is not None:
            self._boot.registered()

    def heartbeat(self) -> dict[str, Any]:
        agents: list[AgentStatus] = self._supervisor.list()
        sample = self._sampler.sample(one.pid for one in agents if one.pid is not None)
        epochs, words = assignments.details(self._assigned, [one.id for one in agents]), self._words.details(agents)
        extras = {one.id: {**epochs.get(one.id, {}), **words.get(one.id, {})} for one in agents}
        issues = [*assignments.issues(self._supervisor.unknown()), *self.more_issues()]
        message = messages.heartbeat(self._machine_id, sample, agents, self._commands.results(), extras, issues)
        message["assignments"] = self._assigned.carried_out
        if self._boot is not None:
            message.update(bootId=self._boot.id, beatNumber=self._boot.next_number())
        return message


class Reporter:
    """The loop. `chance` gives numbers from 0 to 1, so that nodes drift apart and tests do not."""

    def __init__(
        self,
        control_plane: ControlPlane,
        voice: Voice,
        commands: Commands,
        member: Member,
        chance: Callable[[], float],
        on_removed: Callable[[str], None],
    ) -> None:
        # The control plane took the heartbeat that was sent then (seconds of `since_boot`) and answered this.
        self.on_heard: Callable[[Answer, float], None] = lambda *_: None
        self._member = member
        self._on_removed = on_removed
        self._control_plane = control_plane
        self._voice = voice
        self._commands = commands
        self._chance = chance
        self._interval = pace.DEFAULT_INTERVAL
        self._registered = False
        self._failures = 0
        self._unknown_in_a_row = 0
        self._early = threading.Event()
        self._closed = threading.Event()
        self._logged: tuple[str, float] = ("", 0.0)

    @property
    def is_heard(self) -> bool:
        """Whether the control plane took the last report."""
        return self._registered and self._failures == 0

    def nudge(self) -> None:
        """Ask for an early beat. May be called from any thread, any number of times."""
        self._early.set()

    def close(self) -> None:
        self._closed.set()
        self._early.set()

    def run(self) -> None:
        """Speak until `close()`."""
        while not self._closed.is_set():
            spoken_at = time.monotonic()
            # Cleared before speaking: what changes meanwhile may have come too late for this message.
            self._early.clear()
            try:
                delay = self.step()
            except Exception as error:  # noqa: BLE001 - a fault in one report must not silence the node
                log.error("report failed", reason=f"{type(error).__name__}: {error}")
                delay = pace.REFUSED_DELAY
            if self._early.wait(delay):
                self._closed.wait(max(0.0, spoken_at + SHORTEST_GAP - time.monotonic()))

    def step(self) -> float:
        """Say what is due; answers how many seconds later to speak next."""
        try:
            return self._beat() if self._registered else self._register()
        except Unreachable as error:
            self._failures += 1
            self._log_failure(str(error))
            return self._retry_delay()

    def _register(self) -> float:
        answer = self._control_plane.register(self._voice.registration())
        if not answer.ok:
            return self._refused(answer)
        log.info("registered", control_plane=self._control_plane.shown)
        self._voice.registered()
        self._registered, self._failures = True, 0
        # At once, unless registering has just been of no use: then slower and slower.
        return pace.register_delay(self._unknown_in_a_row, self._chance()) if self._unknown_in_a_row > 1 else 0.0

    def _beat(self) -> float:
        message = self._voice.heartbeat()
        sent_at = since_boot()
        answer = self._control_plane.heartbeat(message)
        if answer.status == 404 and answer.code == "unknown_node":
            log.warn("the control plane does not know this node, registering again")
            self._registered = False
            self._unknown_in_a_row += 1
            return 0.0 if self._unknown_in_a_row == 1 else pace.register_delay(self._unknown_in_a_row, self._chance())
        if not answer.ok:
            return self._refused(answer)
        self._accepted(message, answer, sent_at)
        return pace.beat_delay(self._interval, self._chance())

    def _accepted(self, message: dict[str, Any], answer: Answer, sent_at: float) -> None:
        if self._failures:
            log.info("heartbeats are accepted again", failures=self._failures)
        log.debug("heartbeat accepted", agents=len(message["agents"]))
        self._failures = self._unknown_in_a_row = 0
        self._logged = ("", 0.0)
        self._interval = pace.asked_interval(answer.body.get("heartbeatIntervalMs"), self._interval)
        if answer.body.get("ignored") is not True:
            self._commands.acknowledge(message["commandResults"])
            self.on_heard(answer, sent_at)
        self._commands.take(answer.body.get("commands"))
        if answer.body.get("renew") is True:
            self._renew()

    def _renew(self) -> None:
        try:
            self._member.renew()
        except (Unreachable, StartError) as error:
            log.warn("the credential was not renewed, it will be tried again", reason=str(error))

    def _refused(self, answer: Answer) -> float:
        self._failures += 1
        code = answer.body.get("refusal")
        fields = {"status": answer.status, **({"refusal": code} if code else {})}
        self._log_failure(answer.sentence, **fields)
        if answer.status in FINAL:
            return self._denied(answer)
        if answer.status == 409:
            self._registered = False
        if answer.status in (400, 409):
            return pace.REFUSED_DELAY
        asked = pace.retry_after(answer.retry_after)
        return self._retry_delay() if asked is None else max(asked, pace.SHORTEST_DELAY)

    def _denied(self, answer: Answer) -> float:
        try:
            recovered = self._member.recover(answer)
        except StartError as error:
            self._log_failure(str(error))
            recovered = False
        if recovered:
            log.info("speaking with another credential")
            return pace.SHORTEST_DELAY
        if answer.code == "node_removed":
            self._on_removed(answer.sentence)
        return pace.DENIED_DELAY

    def _retry_delay(self) -> float:
        if self._registered:
            return pace.beat_retry_delay(self._failures, self._interval, self._chance())
        return pace.register_delay(self._failures, self._chance())

    def _log_failure(self, sentence: str, **fields: object) -> None:
        said, at = self._logged
        if sentence == said and time.monotonic() - at < REPEAT_LOG:
            log.debug("the control plane did not take the report", reason=sentence, **fields)
            return
        self._logged = (sentence, time.monotonic())
        log.warn("the control plane did not take the report", reason=sentence, failures=self._failures, **fields)
