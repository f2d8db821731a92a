"""An agent as it is seen on one node: its state, the filter language and the orders of lists of agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.node import Json, Node, is_absent
from app.domain.order import Orders, Reversed, negative
from app.domain.query import Language, number, percent, prefix, substring

UNKNOWN = "unknown"  # its node is offline: nobody can tell
WORST_FIRST = ("crash_looping", UNKNOWN, "starting", "stopped", "running")


@dataclass(frozen=True, slots=True)
class Said:
    """What an agent last said about itself, wherever it runs."""

    status: str | None = None
    current_activity: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent on one node. `last_state` is the last one that was reported, which counts while the node is up."""

    agent_id: str
    node: Node
    last_state: str
    report: Mapping[str, Any]
    said: Said

    @property
    def state(self) -> str:
        """As far as it is known now."""
        return self.last_state if self.node.is_up else UNKNOWN

    @property
    def name(self) -> str:
        """Its name, or its id for want of one."""
        return str(self.report.get("name") or self.agent_id)

    @property
    def role(self) -> str | None:
        """What it is for, if somebody said so."""
        return self.report.get("role")


def agents_of(node: Node, reports: Mapping[str, Mapping[str, Any]], said: Mapping[str, Said]) -> list[Agent]:
    """The agents of a node by id: those that are there, and those that should be but are not."""
    present, silent = set(node.agents), Said()
    return [
        Agent(agent_id, node, _last_state(report), report, said.get(agent_id, silent))
        for agent_id, report in sorted(reports.items())
        if agent_id in present or is_absent(report)
    ]


def to_wire(agent: Agent) -> Json:
    """The agent on the wire; null is what was never reported."""
    return {
        "agentId": agent.agent_id,
        "name": agent.name,
        "role": agent.role,
        "state": agent.state,
        "lastState": agent.last_state,
        "nodeId": agent.node.node_id,
        "nodeName": agent.node.name,
        "nodeStatus": agent.node.status,
        **{key: agent.report.get(key) for key in ("cpuUsage", "memoryMb", "restarts", "startedAt")},
        "status": agent.said.status,
        "currentActivity": agent.said.current_activity,
    }


def _last_state(report: Mapping[str, Any]) -> str:
    # An agent that beats for itself, and a list without details, say no more than that it runs.
    return str(report.get("state") or ("stopped" if is_absent(report) else "running"))


AGENTS: Language[Agent] = Language(
    words=lambda agent: (
        agent.agent_id,
        agent.name,
        agent.role or "",
        agent.node.node_id,
        agent.node.name,
        agent.said.current_activity or "",
    ),
    keys={
        "state": prefix(lambda agent: agent.state),
        "node": substring(lambda agent: (agent.node.node_id, agent.node.name)),
        "role": substring(lambda agent: (agent.role or "",)),
        "id": substring(lambda agent: (agent.agent_id,)),
        "name": substring(lambda agent: (agent.name,)),
        "status": prefix(lambda agent: agent.said.status or ""),
        "cpu": number(lambda agent: percent(agent.report.get("cpuUsage"))),
        "mem": number(lambda agent: agent.report.get("memoryMb")),
        "restarts": number(lambda agent: agent.report.get("restarts")),
    },
)

# state: worst first; name, node: A to Z; cpu, mem, restarts: largest first; started: latest first.
AGENT_ORDERS: Orders[Agent] = Orders(
    identity=lambda agent: f"{agent.agent_id}/{agent.node.node_id}",
    by={
        "state": lambda agent: WORST_FIRST.index(agent.state) if agent.state in WORST_FIRST else len(WORST_FIRST),
        "name": lambda agent: agent.name.casefold(),
        "node": lambda agent: (agent.node.name.casefold(), agent.node.node_id),
        "cpu": lambda agent: negative(agent.report.get("cpuUsage")),
        "mem": lambda agent: negative(agent.report.get("memoryMb")),
        "restarts": lambda agent: negative(agent.report.get("restarts")),
        "started": lambda agent: (since := agent.report.get("startedAt")) and Reversed(since),
    },
)
