"""Puts the parts of the daemon together, runs them, and takes them apart at a signal."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node_daemon import __version__, command_kinds, joining, log, node_api, worker_env
from node_daemon.agent_logs.sending import AgentLogs
from node_daemon.agent_words.words import AgentWords
from node_daemon.agents import choice
from node_daemon.agents.memory_guard import MemoryGuard
from node_daemon.agents.supervisor import Caretaker
from node_daemon.assignments.assigned import Assigned
from node_daemon.assignments.guard import Guard
from node_daemon.commands import Commands
from node_daemon.control_plane import Answer, ControlPlane, Unreachable
from node_daemon.errors import BAD_CONFIGURATION
from node_daemon.lifecycle.program import Program
from node_daemon.lifecycle.uninstall import Uninstall
from node_daemon.lifecycle.upgrade import Upgrade
from node_daemon.machine.readers import ProcessReader
from node_daemon.machine.sample import Sampler, find_readers
from node_daemon.membership import Membership
from node_daemon.reporter import NodeVoice, Reporter
from node_daemon.settings import Settings
from node_daemon.state import Boot, StateFolder, machine_id

LOOK = 0.5  # seconds between two looks whether a signal came
GOODBYE = 0.5  # seconds for the message that is being sent when we are told to stop


class End:
    """When the daemon ends, and with which exit code."""

    def __init__(self) -> None:
        self.exit_code = 0
        self._reached = threading.Event()

    def at_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._reached.set())

    def removed(self, sentence: str) -> None:
        """The control plane does not want this node any more."""
        log.error("this node was removed", reason=sentence)
        self.exit_code = BAD_CONFIGURATION
        self._reached.set()

    def uninstalled(self) -> None:
        """Nothing of this daemon is left on the disk."""
        self.exit_code = BAD_CONFIGURATION  # whoever would start it again shall not
        self._reached.set()

    def wait(self) -> None:
        # Any thread may be given a signal, but its handler runs in this one: without an end, the wait would go on.
        while not self._reached.wait(LOOK):
            pass


@dataclass(frozen=True)
class Parts:
    """What runs as long as the daemon does."""

    supervisor: Caretaker
    commands: Commands
    reporter: Reporter
    memory: MemoryGuard
    servers: list[node_api.NodeServer]
    end: End


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Raises StartError when that is not possible."""
    log.hold()
    state = StateFolder(settings.state_dir)
    state.take()
    control_plane, member = _admitted(settings, state)
    machine, processes = find_readers(state.path / "cache")
    sampler = Sampler(machine, processes, [Path("/"), settings.state_dir])
    parts = _parts(settings, state, control_plane, member, sampler, processes)
    parts.end.at_signals()
    log.release()
    log.info("started", node=settings.node_id, version=__version__, port=settings.port, pid=os.getpid())
    _warn_of_readable_settings(settings)
    choice.end_former(settings, state, processes)
    parts.supervisor.tick()  # first, so that the first message names the agents
    speaking = _in_background(parts.reporter.run)
    for job in (
        parts.supervisor.run,
        parts.commands.run,
        parts.memory.run,
        *(server.serve_forever for server in parts.servers),
    ):
        _in_background(job)
    parts.end.wait()
    log.info("stopping", agents="stopped too" if settings.stop_agents_on_exit else "go on")
    parts.reporter.close()
    parts.supervisor.close(settings.stop_agents_on_exit)
    speaking.join(GOODBYE)
    return parts.end.exit_code


def _parts(
    settings: Settings,
    state: StateFolder,
    control_plane: ControlPlane,
    member: Membership,
    sampler: Sampler,
    processes: ProcessReader,
) -> Parts:
    """Made and joined, none of them at work yet. Raises StartError."""
    assigned = Assigned(state)
    supervisor = choice.supervisor(settings, state, processes, assigned)
    upgrade = Upgrade(state, control_plane, Program.running())
    logs, words = AgentLogs(supervisor, control_plane.agent_logs), AgentWords(state, supervisor)
    kinds = {**command_kinds.of_agents(supervisor), "agent_logs": logs.kind, "agent_answer": words.kind}
    kinds["upgrade"] = upgrade.kind
    commands = Commands(state, kinds, upgrade.under_way)
    supervisor.open()
    build = upgrade.build
    voice = NodeVoice(settings, machine_id(state), sampler, supervisor, commands, assigned, words, Boot(state), build)
    memory = MemoryGuard(supervisor, processes, lambda: assigned.told.agents)
    voice.more_issues = memory.issues
    end = End()
    reporter = Reporter(control_plane, voice, commands, member, random.random, end.removed)
    kinds["uninstall"] = Uninstall(settings, control_plane, supervisor, reporter.close, end.uninstalled).kind
    started, direct = time.monotonic(), settings.allow_direct_restart
    node = node_api.Node(
        settings.node_id, supervisor, reporter.nudge, started, direct, lambda: reporter.is_heard, words
    )
    commands.on_result = supervisor.on_change = assigned.on_change = words.on_change = reporter.nudge
    guard = Guard(state, assigned, Program.running())

    def heard(answer: Answer, sent_at: float) -> None:
        assigned.heard(answer, sent_at, control_plane.assignments)
        upgrade.heard(commands.finish)
        guard.ensure()

    reporter.on_heard = heard
    servers = [node_api.listen(settings.bind, settings.port, node)]
    on_loopback = node_api.listen_on_loopback(settings.bind, settings.port, node)
    return Parts(supervisor, commands, reporter, memory, [*servers, *([on_loopback] if on_loopback else [])], end)


def join(settings: Settings, join_token: str) -> int:
    """Make this machine a node and end. Raises StartError when that is not possible."""
    state = StateFolder(settings.state_dir)
    state.take()
    control_plane = ControlPlane(settings.base_url, settings.node_id)
    Membership(settings, state, control_plane, random.random, join_token or joining.given_token(settings)).join()
    joining.delete_token_file(settings)
    state.release()
    return 0


def speak_once(settings: Settings, send: bool) -> int:
    """Print the registration and the heartbeat of this moment as JSON; with `send`, also send them.

    Starts no agent and opens no port; without `send` it saves nothing (but psutil's cache). Answers the exit code.
    """
    state = StateFolder(settings.state_dir)
    if send:
        state.make()  # for the machine id: the next message must come from the same machine
    machine, processes = find_readers(state.path / "cache")
    assigned = Assigned(state)
    supervisor = choice.supervisor(settings, state, processes, assigned)
    supervisor.open()
    sampler = Sampler(machine, processes, [Path("/"), settings.state_dir])
    commands = Commands(state, {})
    words = AgentWords(state, supervisor)
    voice = NodeVoice(settings, machine_id(state, keep=send), sampler, supervisor, commands, assigned, words)
    said: dict[str, Any] = {"register": voice.registration(), "heartbeat": voice.heartbeat()}
    accepted = True
    if send:
        control_plane = ControlPlane(settings.base_url, settings.node_id)
        Membership(settings, state, control_plane, random.random)  # to speak with the credential of the daemon
        said["answers"] = _sent(control_plane, said["register"], said["heartbeat"])
        accepted = len(said["answers"]) == 2 and all(answer.get("ok") for answer in said["answers"])
    sys.stdout.write(json.dumps(said, indent=2) + "\n")
    return 0 if accepted else 1


def _admitted(settings: Settings, state: StateFolder) -> tuple[ControlPlane, Membership]:
    """Join first, where there is a token and nothing to speak with yet. Raises JoinError."""
    token = joining.given_token(settings)
    control_plane = ControlPlane(settings.base_url, settings.node_id)
    member = Membership(settings, state, control_plane, random.random, token)
    if token and not member.is_joined:
        log.release()  # it may take a while, and somebody waits for a code
        member.join()
        log.hold()
    joining.delete_token_file(settings)
    return control_plane, member


def _sent(control_plane: ControlPlane, registration: dict[str, Any], beat: dict[str, Any]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    for send, message in ((control_plane.register, registration), (control_plane.heartbeat, beat)):
        try:
            answer = send(message)
        except Unreachable as error:
            return [*answers, {"ok": False, "error": str(error)}]
        if not answer.ok:
            return [*answers, {"ok": False, "status": answer.status, "error": answer.sentence}]
        answers.append({"ok": True, "status": answer.status})
    return answers


def _in_background(job: Any) -> threading.Thread:
    thread = threading.Thread(target=job, daemon=True)
    thread.start()
    return thread


def _warn_of_readable_settings(settings: Settings) -> None:
    path = worker_env.default_path(settings.environment.get("HOME") or str(Path.home()))
    if worker_env.readable_by_others(path):
        log.warn("worker.env can be read by other users: chmod 600 it", file=path)
