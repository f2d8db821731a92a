"""Moves of drains that failed by the node they went to: another node may do better."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from app.domain.upkeep.draining import may_try_again

# A drain ends its moves a minute before its own end. Where the old node is to blame, another new one is of no use.
_TRIES = text("""
SELECT p.id AS drain_id, p.node_id AS leaves, p.deadline - interval '1 minute' AS ends_at, now() AS now,
    p.result->'left' AS left_behind, c.agent_id, a.node_id AS stands_on, c.state, c.message, c.target->>'to' AS goes_to,
    coalesce(c.state = 'failed' AND c.code <> 'not_stopped' AND a.wanted = 'running' AND a.moving_to IS NULL
        AND a.node_id IS NOT NULL AND (c.code = 'node_removed' OR a.may_overlap OR a.node_id = c.target->>'to'), false)
        AS failed_by_target
FROM jobs p JOIN jobs c ON c.parent_id = p.id LEFT JOIN agents a ON a.agent_id = c.agent_id
WHERE p.kind = 'drain' AND p.state IN ('queued', 'running') AND p.result ? 'left'
    AND p.deadline - interval '1 minute' > now()
ORDER BY p.id, c.agent_id, c.created_at
""")


@dataclass(frozen=True)
class Again:
    """An agent that a drain may try to start on another node; `tried` are those where it did not."""

    drain_id: UUID
    leaves: str
    agent_id: str
    stands_on: str
    tried: tuple[str, ...]
    said: str
    ends_at: datetime
    now: datetime


def due(connection: Connection) -> list[Again]:
    """What drains at work have to try again."""
    rows = connection.execute(_TRIES).all()
    of_agents = (list(tries) for _, tries in groupby(rows, attrgetter("drain_id", "agent_id")))
    return [_again(tries) for tries in of_agents if _may(tries)]


def _may(tries: Sequence[Any]) -> bool:
    given_up = {one["agentId"] for one in tries[-1].left_behind}
    return tries[-1].agent_id not in given_up and may_try_again(len(tries), failed_by_target=tries[-1].failed_by_target)


def _again(tries: Sequence[Any]) -> Again:
    last = tries[-1]
    tried, said = tuple(one.goes_to for one in tries), last.message or ""
    return Again(last.drain_id, last.leaves, last.agent_id, last.stands_on, tried, said, last.ends_at, last.now)
