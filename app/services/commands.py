"""Commands on their way to daemons: handed out in answers to heartbeats until the result is in."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, text

from app.domain.heartbeat import CommandResult
from app.domain.node import Json
from app.extensions import db
from app.models import NodeCommand
from app.services.transaction import transaction

_OPEN = text(
    "SELECT id, node_id, kind, agent_id FROM node_commands"
    " WHERE node_id = ANY(:node_ids) AND finished_at IS NULL AND expires_at > now() ORDER BY created_at"
)
_FINISH = text(
    "UPDATE node_commands SET finished_at = now(), ok = :ok, message = :message, agents = CAST(:agents AS jsonb)"
    " WHERE id = CAST(:id AS uuid) AND node_id = :node_id AND finished_at IS NULL"
)


def open_orders(connection: Connection, node_ids: Sequence[str]) -> dict[str, tuple[Json, ...]]:
    """The open commands by node, in the wire's form."""
    if not node_ids:
        return {}
    orders: dict[str, tuple[Json, ...]] = {}
    for row in connection.execute(_OPEN, {"node_ids": list(node_ids)}):
        order = {"id": str(row.id), "kind": row.kind} | ({"agentId": row.agent_id} if row.agent_id else {})
        orders[row.node_id] = (*orders.get(row.node_id, ()), order)
    return orders


def record_results(connection: Connection, results: Mapping[str, Sequence[CommandResult]]) -> None:
    """Store what daemons report. A repeated result, or one for another node's command, changes nothing."""
    for node_id, reported in results.items():
        for result in reported:
            if _is_uuid(result.command_id):
                connection.execute(
                    _FINISH,
                    {
                        "id": result.command_id,
                        "node_id": node_id,
                        "ok": result.ok,
                        "message": result.message,
                        "agents": orjson.dumps(result.agents).decode(),
                    },
                )


def issue(job_id: UUID, node_id: str, kind: str, lifetime: timedelta, agent_id: str | None = None) -> UUID:
    """Put a command in the way of the node's next heartbeat. Returns its id."""
    command_id = uuid4()
    with transaction():
        db.session.add(
            NodeCommand(
                id=command_id,
                job_id=job_id,
                node_id=node_id,
                kind=kind,
                agent_id=agent_id,
                expires_at=db.func.now() + lifetime,
            )
        )
    return command_id


def result_of(command_id: UUID) -> NodeCommand | None:
    """The command once its result is in, else None."""
    with transaction():
        found = db.session.get(NodeCommand, command_id, populate_existing=True)
        if found is None or found.finished_at is None:
            return None
        db.session.expunge(found)
        return found


def withdraw(command_id: UUID) -> None:
    """Close a command that nobody waits for any more, so that it is not carried out late."""
    with transaction():
        command: Any = db.session.get(NodeCommand, command_id)
        if command is not None and command.finished_at is None:
            command.finished_at, command.ok, command.message = db.func.now(), False, "withdrawn: no answer in time"


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
