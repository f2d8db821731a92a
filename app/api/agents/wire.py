"""Agents and decisions of placement in the wire's keys."""

from typing import Any

from app.domain.agents.agent import needs_wire, to_wire
from app.domain.nodes.node import Json, iso
from app.domain.placement import Decision
from app.services.agents import AgentDetails, AgentView

_SEEN = ("pid", "epoch", "exitCode", "exitedAt")


def decision_wire(decision: Decision) -> Json:
    """The score of the chosen node, and why others lost."""
    others = [
        {"nodeId": other.node_id, "reason": other.reason} | ({} if other.score is None else {"score": other.score})
        for other in decision.others
    ]
    return {"score": decision.score, "others": others}


def placement_wire(decision: Decision) -> Json:
    """The same beside the node's id."""
    return {"nodeId": decision.node_id, **decision_wire(decision)}


def agent_wire(agent: AgentView) -> Json:
    """What an agent should be."""
    return {
        "agentId": agent.agent_id,
        "name": agent.name,
        "role": agent.role,
        "origin": agent.origin,
        "command": agent.command,
        "envNames": agent.env_names,
        "needs": needs_wire(agent.needs),
        "tags": agent.tags,
        "onNodeLoss": agent.on_node_loss,
        "leaseSeconds": agent.lease_seconds,
        "mayOverlap": agent.may_overlap,
        "memoryWarnMb": agent.memory_warn_mb,
        "memoryLimitMb": agent.memory_limit_mb,
        "wanted": agent.wanted,
        "nodeId": agent.node_id,
        "movingTo": agent.moving_to,
        "epoch": agent.epoch,
        "placedAt": iso(agent.placed_at) if agent.placed_at else None,
        "changedAt": iso(agent.changed_at),
        "createdAt": iso(agent.created_at),
        "createdBy": agent.created_by,
    }


def details_wire(found: AgentDetails) -> Json:
    """One agent with all that is known: what is null nobody registered."""
    seen = [{**to_wire(one), **_told(found.reports.get(one.place[0], {}))} for one in found.seen]
    history = [
        {"id": event.id, "at": iso(event.at), "kind": event.kind, "nodeId": event.node_id, "message": event.message}
        for event in found.events
    ]
    wanted = agent_wire(found.row) if found.row else None
    return {"agentId": found.agent_id, "managed": wanted is not None, "agent": wanted, "seen": seen, "history": history}


def _told(report: Any) -> Json:
    return {key: report[key] for key in _SEEN if key in report}
