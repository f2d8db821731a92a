"""Commands on their way to daemons: handed out in answers to heartbeats until the result is in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, func, select, text, update

from app.domain.jobs import ENDED, JobState
from app.domain.nodes.heartbeat import CommandResult
from app.domain.nodes.node import Json
from app.extensions import db
from app.models import Job, NodeCommand
from app.services.transaction import transaction

_OPEN = text(
    "SELECT id, node_id, kind, agent_id, arguments FROM node_commands"
    " WHERE node_id = ANY(:node_ids) AND finished_at IS NULL AND expires_at > now() ORDER BY created_at"
)
# The job ends in the same statement as its command; one that was ended by the sweep stays as it is.
_FINISH = text("""
WITH finished AS (
    UPDATE node_commands SET finished_at = now(), ok = :ok, message = :message, agents = CAST(:agents AS jsonb)
    WHERE id = CAST(:id AS uuid) AND node_id = :node_id AND finished_at IS NULL RETURNING job_id)
UPDATE jobs SET state = :state, code = :code, message = :message, finished_at = now(),
    result = jsonb_build_object('agents', CAST(:agents AS jsonb))
FROM finished WHERE jobs.id = finished.job_id AND jobs.state = 'running'
""")


def open_orders(connection: Connection, node_ids: Sequence[str]) -> dict[str, tuple[Json, ...]]:
    """The open commands by node, in the wire's form."""
    if not node_ids:
        return {}
    orders: dict[str, tuple[Json, ...]] = {}
    for row in connection.execute(_OPEN, {"node_ids": list(node_ids)}):
        order: Json = {"id": str(row.id), "kind": row.kind} | ({"agentId": row.agent_id} if row.agent_id else {})
        order |= {"arguments": row.arguments} if row.arguments else {}
        orders[row.node_id] = (*orders.get(row.node_id, ()), order)
    return orders


def record_results(connection: Connection, results: Mapping[str, Sequence[CommandResult]]) -> None:
    """Store what daemons report, and end the jobs that waited for it.

    A repeated result, or one for the command of another node, changes nothing.
    """
    for node_id, reported in results.items():
        for result in reported:
            if _is_uuid(result.command_id):
                connection.execute(
                    _FINISH,
                    {
                        "id": result.command_id,
                        "node_id": node_id,
                        "ok": result.ok,
                        "state": JobState.SUCCEEDED if result.ok else JobState.FAILED,
                        "code": "ok" if result.ok else "node_failed",
                        "message": result.message,
                        "agents": orjson.dumps(result.agents).decode(),
                    },
                )


def issue(
    job_id: UUID,
    node_id: str,
    kind: str,
    expires_at: datetime,
    agent_id: str | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> None:
    """Put a command in the way of the node's next heartbeat. It is not handed out after `expires_at`.

    A job that was cancelled meanwhile gets none.
    """
    command = NodeCommand(id=uuid4(), job_id=job_id, node_id=node_id, kind=kind, agent_id=agent_id)
    command.expires_at, command.arguments = expires_at, dict(arguments or {})
    state = select(Job.state).where(Job.id == job_id).with_for_update(read=True)
    with transaction():
        if db.session.scalar(state) not in ENDED:
            db.session.add(command)


def withdraw(job_id: UUID) -> None:
    """Hand out the commands of an ended job no more. One that is on its way already may still be carried out."""
    left = update(NodeCommand).where(NodeCommand.job_id == job_id, NodeCommand.finished_at.is_(None))
    with transaction():
        db.session.execute(left.values(finished_at=func.now(), ok=False, message="Cancelled"))


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
