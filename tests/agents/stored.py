"""Agents as rows, without the verbs that make them."""

from typing import Any

from sqlalchemy import text

from app.extensions import db
from app.models import AgentRow
from app.services.agents import environment
from app.services.transaction import transaction


def store(agent_id: str, node_id: str | None, env: dict[str, str] | None = None, **values: Any) -> None:
    """An agent that should run on a node, and the node's next revision."""
    with transaction():
        sealed = {"env": environment.closed(agent_id, env), "env_names": sorted(env)} if env else {}
        db.session.add(AgentRow(agent_id=agent_id, node_id=node_id, **sealed, **values))
        bump = text("UPDATE cluster_nodes SET assignments_revision = assignments_revision + 1 WHERE node_id = :node_id")
        db.session.execute(bump, {"node_id": node_id})
