"""An agent as it is seen on one node, beside what it should be; the filter language and the orders of such lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.agents.spec import Needs, OnNodeLoss, Wanted
from app.domain.nodes.node import Json, Node, is_absent
from app.domain.order import Orders, Reversed, negative
from app.domain.query import Language, member, number, percent, prefix, substring, yes_or_no

UNKNOWN = "unknown"  # its node is offline: nobody can tell
MISSING = "missing"  # its node should run it, and does not report it any more
UNPLACED = "unplaced"  # it should run, and has no node
WORST_FIRST = ("crash_looping", MISSING, UNPLACED, UNKNOWN, "starting", "paused", "stopped", "running")


@dataclass(frozen=True, slots=True)
class Said:
    """What an agent last said about itself, wherever it runs."""

    status: str | None = None
    current_activity: str | None = None


@dataclass(frozen=True, slots=True)
class Should:
    """What an agent that somebody registered or adopted should be. `settled`: its node has reported it there."""

    name: str
    role: str | None
    wanted: Wanted
    node_id: str | None
    moving_to: str | None
    epoch: int
    needs: Needs
    tags: tuple[str, ...]
    on_node_loss: OnNodeLoss
    settled: bool

    @property
    def state_unseen(self) -> str:
        """Its state where no report names it."""
        if self.wanted is Wanted.STOPPED:
            return "stopped"
        if self.node_id is None:
            return UNPLACED
        return MISSING if self.settled else "starting"


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent on one node. `last_state` is the last one that was reported, which counts while the node is up.

    `node` None: it is placed nowhere. `should` None: nobody registered or adopted it.
    """

    agent_id: str
    node: Node | None
    last_state: str
    report: Mapping[str, Any]
    said: Said
    should: Should | None = None

    @property
    def state(self) -> str:
        """As far as it is known now."""
        return self.last_state if self.node is None or self.node.is_up else UNKNOWN

    @property
    def name(self) -> str:
        """Its name, or its id for want of one."""
        return str((self.should and self.should.name) or self.report.get("name") or self.agent_id)

    @property
    def role(self) -> str | None:
        """What it is for, if somebody said so."""
        return (self.should and self.should.role) or self.report.get("role")

    @property
    def place(self) -> tuple[str, str, str]:
        """The id, name and status of its node; empty when it has none."""
        return (self.node.node_id, self.node.name, self.node.status) if self.node else ("", "", "")


def agents_of(
    node: Node,
    reports: Mapping[str, Mapping[str, Any]],
    said: Mapping[str, Said],
    should: Mapping[str, Should] | None = None,
) -> list[Agent]:
    """The agents that a node reports, by id: those that are there, and those that should be but are not."""
    present, silent, rows = set(node.agents), Said(), should or {}
    return [
        Agent(agent_id, node, _last_state(report), report, said.get(agent_id, silent), rows.get(agent_id))
        for agent_id, report in sorted(reports.items())
        if agent_id in present or is_absent(report)
    ]


def unseen(
    should: Mapping[str, Should], seen: Iterable[Agent], nodes: Mapping[str, Node], said: Mapping[str, Said]
) -> list[Agent]:
    """The agents that should be somewhere and that no report of that node names."""
    found = {(agent.agent_id, agent.node.node_id) for agent in seen if agent.node}
    return [
        Agent(agent_id, nodes.get(one.node_id or ""), one.state_unseen, {}, said.get(agent_id, Said()), one)
        for agent_id, one in should.items()
        if (agent_id, one.node_id) not in found
    ]


def to_wire(agent: Agent) -> Json:
    """The agent on the wire; null is what was never reported, or what nobody registered."""
    node_id, node_name, node_status = agent.place
    return {
        "agentId": agent.agent_id,
        "name": agent.name,
        "role": agent.role,
        "state": agent.state,
        "lastState": agent.last_state,
        "nodeId": node_id,
        "nodeName": node_name,
        "nodeStatus": node_status,
        **{key: agent.report.get(key) for key in ("cpuUsage", "memoryMb", "restarts", "startedAt")},
        **{key: agent.report.get(key) for key in ("waiting", "progress")},
        "exit": _exit(agent.report),
        "status": agent.said.status,
        "currentActivity": agent.said.current_activity,
        **_wanted_wire(agent.should),
    }


def needs_wire(needs: Needs) -> Json:
    """What a node must have to take an agent."""
    return {
        "capabilities": sorted(needs.capabilities),
        "memoryMb": needs.memory_mb,
        "cpuWeight": needs.cpu_weight,
        "labels": needs.labels,
    }


def _wanted_wire(should: Should | None) -> Json:
    keys = ("wanted", "epoch", "tags", "on_node_loss", "moving_to", "needs")
    wanted, epoch, tags, on_loss, moving, needs = (getattr(should, key, None) for key in keys)
    return {
        "managed": should is not None,
        "wanted": wanted,
        "epoch": epoch,
        "tags": tags or (),
        "onNodeLoss": on_loss,
        "movingTo": moving,
        "needs": needs and needs_wire(needs),
    }


def _exit(report: Mapping[str, Any]) -> Json | None:
    """How its last process ended."""
    if "exitCode" not in report and "exitedAt" not in report:
        return None
    return {"code": report.get("exitCode"), "at": report.get("exitedAt")}


def _last_state(report: Mapping[str, Any]) -> str:
    # An agent that beats for itself, and a list without details, say no more than that it runs.
    return str(report.get("state") or ("stopped" if is_absent(report) else "running"))


AGENTS: Language[Agent] = Language(
    words=lambda agent: (
        agent.agent_id,
        agent.name,
        agent.role or "",
        *agent.place[:2],
        agent.said.current_activity or "",
    ),
    keys={
        "state": prefix(lambda agent: agent.state),
        "node": substring(lambda agent: agent.place[:2]),
        "role": substring(lambda agent: (agent.role or "",)),
        "id": substring(lambda agent: (agent.agent_id,)),
        "name": substring(lambda agent: (agent.name,)),
        "status": prefix(lambda agent: agent.said.status or ""),
        "tag": member(lambda agent: agent.should.tags if agent.should else ()),
        "wanted": prefix(lambda agent: agent.should.wanted if agent.should else ""),
        "managed": yes_or_no(lambda agent: agent.should is not None),
        "waiting": yes_or_no(lambda agent: bool(agent.report.get("waiting"))),
        "cpu": number(lambda agent: percent(agent.report.get("cpuUsage"))),
        "mem": number(lambda agent: agent.report.get("memoryMb")),
        "restarts": number(lambda agent: agent.report.get("restarts")),
    },
)

# state: worst first; name, node: A to Z; cpu, mem, restarts: largest first; started: latest first.
AGENT_ORDERS: Orders[Agent] = Orders(
    identity=lambda agent: f"{agent.agent_id}/{agent.place[0]}",
    by={
        "state": lambda agent: WORST_FIRST.index(agent.state) if agent.state in WORST_FIRST else len(WORST_FIRST),
        "name": lambda agent: agent.name.casefold(),
        "node": lambda agent: agent.node and (agent.node.name.casefold(), agent.node.node_id),
        "cpu": lambda agent: negative(agent.report.get("cpuUsage")),
        "mem": lambda agent: negative(agent.report.get("memoryMb")),
        "restarts": lambda agent: negative(agent.report.get("restarts")),
        "started": lambda agent: (since := agent.report.get("startedAt")) and Reversed(since),
    },
)
