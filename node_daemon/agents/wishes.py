"""What this node should run: what its own agents.json names, and what the control plane assigned to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, FrozenSet, Mapping

from node_daemon import log
from node_daemon.agents.agents_file import AgentsFile
from node_daemon.agents.spec import AgentSpec
from node_daemon.assignments.assigned import Assigned
from node_daemon.assignments.lease import GONE, Hold
from node_daemon.assignments.told import Assignment


class Wishes:
    """Both as one. An agent that was assigned once is the control plane's: agents.json only knows how it starts."""

    def __init__(self, file: AgentsFile, assigned: Assigned) -> None:
        self._file = file
        self._assigned = assigned
        self._own: Mapping[str, AgentSpec] | None = None
        self._version = -1
        self.revision = 0  # of the assignments that are in `specs`
        self.specs: Dict[str, AgentSpec] = {}
        self.gone: FrozenSet[str] = frozenset()  # assigned once, and not any more
        self.unknown: FrozenSet[str] = frozenset()  # assigned, but nobody says how to start them

    @property
    def is_whole(self) -> bool:
        """Whether this is all that should run: without an agents.json, what ran before goes on."""
        return self._own is not None

    def open(self, remembered: Mapping[str, AgentSpec] | None = None) -> None:
        """Read both. `remembered` stands in for an agents.json that is missing. Raises SettingsError."""
        self._own = self._file.load()
        if self._own is None:
            self._own = remembered
        else:
            self._assigned.forget_taken(self._own)
        self._join()

    def changed(self) -> bool:
        """Look again; answers whether `specs` may be others now."""
        own = self._file.changed()
        if own is not None:
            log.info("agents file has changed", agents=len(own))
            self._own = own
            self._assigned.forget_taken(own)
        if own is None and self._version == self._assigned.version:
            return False
        self._join()
        return True

    def hold(self, agent_id: str) -> Hold | None:
        """Why this agent may not be started now; None when it may."""
        return GONE if agent_id in self.gone else self._assigned.hold(agent_id)

    def settled(self) -> None:
        """All that is wished for is so."""
        if self._version == self._assigned.version:
            self._assigned.settled(self.revision)

    def _join(self) -> None:
        self._version = self._assigned.version
        told = self._assigned.told
        self.revision, self.gone = told.revision, frozenset(self._assigned.gone())
        specs = {agent_id: spec for agent_id, spec in (self._own or {}).items() if agent_id not in self.gone}
        for agent_id, assigned in told.agents.items():
            spec = _assigned_spec(assigned, specs.get(agent_id))
            if spec is not None:
                specs[agent_id] = spec
        self.specs = specs
        self.unknown = frozenset(told.agents) - frozenset(specs)


def _assigned_spec(assigned: Assignment, own: AgentSpec | None) -> AgentSpec | None:
    if assigned.spec is not None:
        return replace(assigned.spec, cwd=own.cwd if own else None)
    if own is None:
        return None
    return replace(own, name=assigned.name, role=assigned.role, env={**own.env, **assigned.env})
