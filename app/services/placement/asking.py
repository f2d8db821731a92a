"""Tell which node would be chosen, without choosing it."""

from dataclasses import dataclass

from app.domain.errors import NoSuitableNode
from app.domain.nodes.node import Node
from app.domain.placement import Decision, Demand, NoCapacity
from app.extensions import db
from app.models import NodeRow
from app.services.node_view import Moment
from app.services.placement import deciding
from app.services.transaction import transaction


@dataclass(frozen=True)
class Best:
    """The best node as it is now, and the decision for it."""

    node: Node
    decision: Decision


def best_node(capabilities: frozenset[str]) -> Best:
    """The least loaded node that is up and has these capabilities. Raises NoSuitableNode, saying why."""
    with transaction():
        try:
            decision = deciding.choose(Demand(capabilities))
        except NoCapacity as refusal:
            raise NoSuitableNode(str(refusal)) from refusal
        row = db.session.get_one(NodeRow, decision.node_id, populate_existing=True)
        return Best(Moment.read().view(row), decision)
