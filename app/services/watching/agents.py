"""The agents of the whole fleet."""

import time

from flask import current_app
from sqlalchemy import select

from app.domain.agent import Agent, Said, agents_of
from app.extensions import db
from app.models import AgentActivity, NodeRow
from app.services.node_view import Moment
from app.services.nodes import PER_TURN, columns
from app.services.shared_reading import SharedReading
from app.services.transaction import transaction

_SAID = select(AgentActivity.agent_id, AgentActivity.status, AgentActivity.current_activity)
_NODES = NodeRow.agent_reports != {}
MANY = 2000  # agents; a list that is longer may be so old:
GOOD_FOR = 3.0  # seconds


def list_agents() -> list[Agent]:
    """Every agent on every node. An agent that reports on two nodes is there twice."""
    shared: SharedReading[list[Agent]] = current_app.extensions.setdefault("agents_reading", SharedReading())
    return shared.get(_read, lambda agents: GOOD_FOR if len(agents) > MANY else 0.0)


def _read() -> list[Agent]:
    with transaction():
        said = {row.agent_id: Said(row.status, row.current_activity) for row in db.session.execute(_SAID)}
        moment = Moment.read()
        agents: list[Agent] = []
        for rows in db.session.execute(select(*columns()).where(_NODES)).partitions(PER_TURN):
            for row in rows:
                agents += agents_of(moment.view(row), row.agent_reports, said)
            time.sleep(0)  # heartbeats get their turn: under gevent all requests share one thread
    return agents
