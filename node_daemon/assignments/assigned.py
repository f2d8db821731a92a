"""Keeps what the control plane told, fetches it again when it changed, and says which agents may run."""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, Iterable, List, Mapping

from node_daemon import log
from node_daemon.assignments import told
from node_daemon.assignments.lease import Contact, Hold, hold, was_close
from node_daemon.assignments.told import Assignment, Told
from node_daemon.clock import boot_id, since_boot
from node_daemon.control_plane import Answer, Unreachable
from node_daemon.state import StateFolder

FILE, LEASE_FILE = "assignments.json", "lease.json"


class Assigned:
    """Safe for any thread: the reporter brings what is new, the supervisor asks what may run."""

    def __init__(self, state: StateFolder, clock: Callable[[], float] = since_boot) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._state = state
        self._clock = clock
        self._lock = threading.Lock()
        saved = state.read(FILE)
        body = saved.get("told")
        self._body: Mapping[str, Any] = body if isinstance(body, dict) else {}
        self._told = self._recalled()
        # Agents that were assigned once: agents.json alone does not decide about them any more.
        taken = saved.get("taken")
        self._taken = set(map(str, taken)) if isinstance(taken, list) else set()
        self._contact = Contact(self._last_heard())
        self._carried_out = 0
        self.version = 0  # goes up whenever what should run may be another

    @property
    def told(self) -> Told:
        return self._told

    @property
    def carried_out(self) -> int:
        """The revision that this node is known to carry out; 0: none yet."""
        return self._carried_out

    def gone(self) -> set[str]:
        """Agents that were assigned once and are not any more."""
        with self._lock:
            return self._taken - set(self._told.agents)

    @property
    def has_leases(self) -> bool:
        """Whether an agent of this node may be started elsewhere when we are not heard."""
        return any(one.is_leased for one in self._told.agents.values())

    def assignment(self, agent_id: str) -> Assignment | None:
        return self._told.agents.get(agent_id)

    def hold(self, agent_id: str) -> Hold | None:
        """Why this agent may not be started now; None when it may."""
        return hold(self._told, agent_id, self._contact, self._clock())

    def now(self) -> float:
        return self._clock()

    def heard(self, answer: Answer, sent_at: float, fetch: Callable[[], Answer]) -> None:
        """The control plane took the heartbeat that was sent at `sent_at`: renew the leases, fetch what is new."""
        revision = answer.body.get("assignments")
        is_known = type(revision) is not int or revision == self._told.revision or self._fetch(fetch)
        if not is_known and not was_close(self._contact, sent_at):
            return  # it may have started agents of ours elsewhere
        # Saved first, on a full disk too: whoever watches leases beside us must not end what we start.
        if self.has_leases:
            self._state.write(LEASE_FILE, {"heardAt": sent_at, "boot": boot_id()}, in_place=True)
        self._contact = Contact(sent_at, is_confirmed=True)

    def settled(self, revision: int) -> None:
        """What was told by this revision is done: everything runs that should, and nothing else."""
        if revision != self._carried_out:
            self._carried_out = revision
            log.info("assignments are carried out", revision=revision)
            self.on_change()

    def forget_taken(self, own: Iterable[str]) -> None:
        """The agents that agents.json names now: what left the file may come back as the node's own."""
        with self._lock:
            kept = self._taken & (set(own) | set(self._told.agents))
            if kept != self._taken:
                self._taken = kept
                self._save()

    def _fetch(self, fetch: Callable[[], Answer]) -> bool:
        try:
            answer = fetch()
        except Unreachable as error:
            log.warn("assignments cannot be fetched yet", reason=str(error))
            return False
        if not answer.ok:
            log.warn("assignments are refused", reason=answer.sentence, status=answer.status)
            return False
        try:
            new = told.read(answer.body)
        except ValueError as error:
            log.error("assignments are wrong and nothing is changed", reason=error)
            return False
        self._take(answer.body, new)
        return True

    def _take(self, body: Mapping[str, Any], new: Told) -> None:
        log.info("assignments", revision=new.revision, agents=len(new.agents), paused=new.paused)
        with self._lock:
            self._body, self._told = body, new
            self._taken |= set(new.agents)
            self._save()
            self.version += 1

    def _save(self) -> None:
        self._state.write(FILE, {"told": self._body, "taken": sorted(self._taken)})

    def _recalled(self) -> Told:
        if not self._body:
            return Told()
        try:
            return told.read(self._body)
        except ValueError as error:
            log.error("the last assignments cannot be recalled", reason=error)
            return Told()

    def _last_heard(self) -> float | None:
        saved = self._state.read(LEASE_FILE)
        heard_at = saved.get("heardAt")
        return float(heard_at) if saved.get("boot") == boot_id() and isinstance(heard_at, (int, float)) else None


def details(assigned: Assigned, agent_ids: Iterable[str]) -> Dict[str, Dict[str, Any]]:
    """What a heartbeat says of assigned agents, by id."""
    found = {agent_id: assigned.assignment(agent_id) for agent_id in agent_ids}
    return {agent_id: {"epoch": one.epoch} for agent_id, one in found.items() if one is not None}


def issues(unknown: Iterable[str]) -> List[Dict[str, Any]]:
    """Assigned agents that nobody told this node how to start."""
    return [
        {
            "code": "agent_not_known",
            "message": f"Agent {agent_id} is to run here with the node's own command, but agents.json has none for it",
            "agentId": agent_id,
        }
        for agent_id in sorted(unknown)
    ]
