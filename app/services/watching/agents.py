"""The agents of the whole fleet: what is seen of them, and what they should be."""

import time

from flask import current_app
from sqlalchemy import or_, select

from app.domain.agents.agent import Agent, Said, Should, agents_of, unseen
from app.domain.agents.spec import Needs, OnNodeLoss, Wanted
from app.domain.nodes.node import Node
from app.extensions import db
from app.models import AgentActivity, AgentRow, NodeRow
from app.services.node_view import COLUMNS, Moment, stored
from app.services.nodes import PER_TURN
from app.services.shared_reading import SharedReading
from app.services.transaction import transaction

_SAID = select(AgentActivity.agent_id, AgentActivity.status, AgentActivity.current_activity)
_LEFT_OUT = {"env", "command", "env_names"}  # long, and nothing of it is shown in a list
_SHOULD = select(*(column for column in AgentRow.__table__.columns if column.key not in _LEFT_OUT))
_NODES = or_(NodeRow.agent_reports != {}, NodeRow.node_id.in_(select(AgentRow.node_id)))
MANY = 2000  # agents; a list that is longer may be so old:
GOOD_FOR = 3.0  # seconds


def list_agents() -> list[Agent]:
    """Every agent on every node, and those that should be somewhere and are not.

    An agent that reports on two nodes is there twice.
    """
    shared: SharedReading[list[Agent]] = current_app.extensions.setdefault("agents_reading", SharedReading())
    return shared.get(_read, lambda agents: GOOD_FOR if len(agents) > MANY else 0.0)


def should(row: AgentRow) -> Should:
    """What an agent should be, from a row or its columns."""
    return Should(
        row.name,
        row.role,
        Wanted(row.wanted),
        row.node_id,
        row.moving_to,
        row.epoch,
        Needs(frozenset(row.capabilities), row.memory_mb, row.cpu_weight, row.labels),
        tuple(row.tags),
        OnNodeLoss(row.on_node_loss),
        row.settled_at is not None,
    )


def _read() -> list[Agent]:
    with transaction():
        said = {row.agent_id: Said(row.status, row.current_activity) for row in db.session.execute(_SAID)}
        wanted: dict[str, Should] = {}
        for rows in db.session.execute(_SHOULD).partitions(PER_TURN):
            wanted |= {row.agent_id: should(row) for row in rows}  # type: ignore[arg-type]
            time.sleep(0)  # heartbeats get their turn: under gevent all requests share one thread
        moment, agents, nodes = Moment.read(), list[Agent](), dict[str, Node]()
        for node_rows in db.session.connection().execute(select(*COLUMNS).where(_NODES)).partitions(PER_TURN):
            for row in map(stored, node_rows):
                nodes[row.node_id] = moment.view(row)
                agents += agents_of(nodes[row.node_id], row.agent_reports, said, wanted)
            time.sleep(0)
    return agents + unseen(wanted, agents, nodes, said)
