"""The end of jobs about agents, on whatever connection saw the proof."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, text

from app.domain.jobs import JobKind, JobState, Outcome, StepState
from app.domain.upkeep.draining import Left, summary, told
from app.services.agents.acts import tries

_END = text("""
UPDATE jobs SET state = :state, code = :code, message = :message, advice = :advice, result = CAST(:result AS jsonb),
    finished_at = now(), lease_until = NULL WHERE id = :id AND state IN ('queued', 'running') RETURNING id
""")
_MARK = text("""
UPDATE job_steps SET state = :state, message = :message, started_at = coalesce(started_at, now()),
    finished_at = CASE WHEN :state = 'running' THEN NULL ELSE now() END
WHERE job_id = :id AND name = :name AND state IN ('waiting', 'running')
""")
_LEAVE = text("UPDATE job_steps SET state = 'skipped' WHERE job_id = :id AND state = 'waiting'")
_RUNNING = text(
    "UPDATE job_steps SET state = :state, message = :message, finished_at = now()"
    " WHERE job_id = :id AND state = 'running'"
)
# Parts that nobody wants any more since somebody cancelled the whole.
_ORPHANS = text("""
UPDATE jobs c SET state = 'cancelled', code = 'cancelled', finished_at = now(),
    message = 'Cancelled with the others; what the node has begun already is not taken back'
FROM jobs p
WHERE c.parent_id = p.id AND p.kind IN ('agents', 'drain') AND p.state = 'cancelled'
    AND c.state IN ('queued', 'running')
""")
# A drain has tried to move every agent as soon as it says which of them are left.
_WHOLES = text("""
SELECT p.id, p.kind, p.node_id, p.result->'left' AS left_behind, c.agent_id, c.state, c.message,
    c.target->>'to' AS goes_to
FROM jobs p LEFT JOIN jobs c ON c.parent_id = p.id
WHERE p.kind IN ('agents', 'drain') AND p.state IN ('queued', 'running') AND (p.kind = 'agents' OR p.result ? 'left')
    AND NOT EXISTS (SELECT FROM jobs o WHERE o.parent_id = p.id AND o.state IN ('queued', 'running'))
ORDER BY p.id, c.agent_id, c.created_at
""")
NAMED = 3  # failures that a whole tells of


def end(connection: Connection, job_id: UUID, outcome: Outcome, ended: JobState | None = None) -> bool:
    """End an open job and its steps. Returns whether this call did."""
    state = ended or (JobState.SUCCEEDED if outcome.ok else JobState.FAILED)
    values: dict[str, Any] = {"id": job_id, "state": state, "code": outcome.code, "message": outcome.message}
    values |= {"advice": outcome.advice, "result": orjson.dumps(outcome.details).decode()}
    if connection.execute(_END, values).first() is None:
        return False
    at_work = StepState.SUCCEEDED if outcome.ok else StepState.FAILED
    told = "" if outcome.ok else outcome.message
    connection.execute(_RUNNING, {"id": job_id, "state": at_work, "message": told})
    connection.execute(_LEAVE, {"id": job_id})
    return True


def mark(connection: Connection, job_id: UUID, name: str, state: StepState, message: str = "") -> None:
    """Note how far a step is."""
    connection.execute(_MARK, {"id": job_id, "name": name, "state": state, "message": message})


def end_wholes(connection: Connection) -> None:
    """End every job on several agents of which no part is open any more, and no drain has to try one again."""
    connection.execute(_ORPHANS)
    parts: dict[UUID, list[Any]] = {}
    for row in connection.execute(_WHOLES):
        parts.setdefault(row.id, []).append(row)
    unfinished = {again.drain_id for again in tries.due(connection)} if parts else set()
    for job_id, rows in parts.items():
        if job_id in unfinished:
            continue
        end(connection, job_id, drained(rows) if rows[0].kind == JobKind.DRAIN else summed_up(rows))


def summed_up(parts: Sequence[Any]) -> Outcome:
    """What became of the whole, from the agent, state and message of each part."""
    failed = [part for part in parts if part.state != JobState.SUCCEEDED]
    done = f"{len(parts) - len(failed)} of {len(parts)} done"
    states = {"agents": {part.agent_id: part.state for part in parts}}
    if not failed:
        return Outcome(True, "ok", done, states)
    named = "; ".join(f"{part.agent_id}: {part.message}" for part in failed[:NAMED])
    more = f" and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
    return Outcome(False, "some_failed", f"{done}; {named}{more}", states)


def drained(parts: Sequence[Any]) -> Outcome:
    """What became of a drain, from its parts and what it could not even try."""
    whole, tried = parts[0], [part for part in parts if part.agent_id is not None]
    moved = sorted({part.agent_id for part in tried if part.state == JobState.SUCCEEDED})
    nodes: dict[str, list[str]] = {}
    for part in tried:
        nodes.setdefault(part.agent_id, []).append(part.goes_to)
    failed = {part.agent_id: part.message or "" for part in tried if part.agent_id not in moved}
    why = {agent_id: told(nodes[agent_id], said) for agent_id, said in failed.items()}
    why |= {one["agentId"]: one["reason"] for one in whole.left_behind}
    return summary(whole.node_id, moved, [Left(agent_id, reason) for agent_id, reason in sorted(why.items())])
