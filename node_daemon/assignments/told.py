"""The answer that says what this node should run, checked as a whole: half of it would stop agents by mistake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, FrozenSet, Mapping

from node_daemon.agents.spec import AgentSpec, parse

RUNNING, STOPPED, PAUSED = "running", "stopped", "paused"
STAY, STOP, MOVE = "stay", "stop", "move"


@dataclass(frozen=True)
class Assignment:
    """One agent that this node should run. `spec` is None when the node's own agents.json has its command."""

    agent_id: str
    name: str
    role: str
    spec: AgentSpec | None
    env: Mapping[str, str] = field(repr=False)
    wanted: str = RUNNING
    epoch: int = 0
    on_node_loss: str = STAY
    lease_seconds: int = 60
    memory_warn_mb: int | None = None
    memory_limit_mb: int | None = None

    @property
    def is_leased(self) -> bool:
        """Whether it may be started elsewhere when this node is not heard: then it must not run here."""
        return self.on_node_loss in (STOP, MOVE)


@dataclass(frozen=True)
class Told:
    """All that this node should run. `revision` 0: nothing was told yet."""

    revision: int = 0
    agents: Mapping[str, Assignment] = field(default_factory=dict)
    paused: bool = False  # all of them, also those of agents.json
    paused_agents: FrozenSet[str] = frozenset()

    def is_paused(self, agent_id: str) -> bool:
        assigned = self.agents.get(agent_id)
        braked = self.paused or agent_id in self.paused_agents
        return braked or (assigned is not None and assigned.wanted == PAUSED)


def read(body: Mapping[str, Any]) -> Told:
    """What the control plane said. Raises ValueError; no value of an environment enters the message."""
    revision, agents = body.get("revision"), body.get("agents")
    if type(revision) is not int or revision < 0:
        raise ValueError("revision must be a whole number from 0")
    if not isinstance(agents, list):
        raise ValueError("agents must be a list")
    assigned = [_assignment(entry) for entry in agents]
    paused = body.get("pausedAgents") or []
    return Told(
        revision=revision,
        agents={one.agent_id: one for one in assigned},
        paused=bool(body.get("paused")) or paused == "all",
        paused_agents=frozenset(map(str, paused)) if isinstance(paused, list) else frozenset(),
    )


def _assignment(entry: Any) -> Assignment:
    if not isinstance(entry, dict):
        raise ValueError("each agent must be an object")
    wanted, policy = entry.get("wanted", RUNNING), entry.get("onNodeLoss", STAY)
    # What is named is checked as an entry of agents.json is; the command may be left to the node.
    has_command = entry.get("command") is not None
    spec = parse(
        {
            "id": entry.get("agentId"),
            "name": entry.get("name"),
            "role": entry.get("role"),
            "command": entry["command"] if has_command else ["-"],
            "env": entry.get("env"),
        }
    )
    if wanted not in (RUNNING, STOPPED, PAUSED):
        raise ValueError(f"{spec.id}: wanted must be running, stopped or paused")
    if policy not in (STAY, STOP, MOVE):
        raise ValueError(f"{spec.id}: onNodeLoss must be stay, stop or move")
    return Assignment(
        agent_id=spec.id,
        name=spec.name,
        role=spec.role,
        spec=spec if has_command else None,
        env=spec.env,
        wanted=wanted,
        epoch=_number(spec.id, entry, "epoch", 0) or 0,
        on_node_loss=policy,
        lease_seconds=_number(spec.id, entry, "leaseSeconds", 60) or 60,
        memory_warn_mb=_number(spec.id, entry, "memoryWarnMb"),
        memory_limit_mb=_number(spec.id, entry, "memoryLimitMb"),
    )


def _number(agent_id: str, entry: Mapping[str, Any], key: str, default: int | None = None) -> int | None:
    value = entry.get(key)
    if value is None:
        return default
    if type(value) is not int or value < 0:
        raise ValueError(f"{agent_id}: {key} must be a whole number from 0")
    return value
