"""Choose the node for an agent."""

from app.domain.errors import NoSuitableNode
from app.domain.node import Node
from app.domain.placement import Candidate, Demand, NoCapacity
from app.domain.placement import best_node as choose
from app.services import nodes


def best_node(capabilities: frozenset[str]) -> Node:
    """The least loaded node that is up and has these capabilities. Raises NoSuitableNode, saying why."""
    fleet = {node.node_id: node for node in nodes.list_nodes().nodes}
    try:
        chosen = choose([_candidate(node) for node in fleet.values()], Demand(capabilities))
    except NoCapacity as refusal:
        raise NoSuitableNode(str(refusal)) from refusal
    return fleet[chosen.node_id]


def _candidate(node: Node) -> Candidate:
    return Candidate(
        node_id=node.node_id,
        status=node.status,
        schedulable=node.schedulable,
        capabilities=frozenset(node.capabilities),
        agents=len(node.agents),
        cpu_usage=node.cpu_usage,
        memory_usage=node.memory_usage,
        memory_mb=node.memory_mb,
        registered_at=node.registered_at,
    )
