"""The decision where an agent goes, made by the database: it filters and ranks all nodes, we explain the best few."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text

from app.domain.errors import NodeNotFound
from app.domain.placement import Candidate, Claim, Decision, Demand, decide
from app.domain.placement.objection import room_objection
from app.domain.placement.ranking import MOST_OTHERS
from app.extensions import db
from app.services.node_view import Moment
from app.services.placement.statements import ONE, THESE, ranked, unfit

# One decision at a time, until its commit: two at once would promise the same room twice.
_TAKE_TURN = text("SELECT pg_advisory_xact_lock(7120386)")

SAMPLE = 5  # percent of the nodes' pages that a decision looks at first

NOTHING: Mapping[str, Sequence[Claim]] = {}


def take_turn() -> None:
    """Wait until no other transaction decides or reserves. Call it before any row of an agent is locked."""
    db.session.execute(_TAKE_TURN)


def choose(
    demand: Demand,
    role: str | None = None,
    agent_id: str = "",
    exclude: Collection[str] = frozenset(),
    given: Mapping[str, Sequence[Claim]] = NOTHING,
) -> Decision:
    """The best node for an agent of this role, within the current transaction; `given` is promised besides, by node.

    Raises NoCapacity.
    """
    asked = _asked(demand, role, agent_id, {*exclude, *given})
    best = list(_read(ranked(demand, role, bool(asked["exclude"])), {**asked, "count": MOST_OTHERS + 1}))
    missing = MOST_OTHERS + 1 - len(best)
    others = list(_read(unfit(demand), {**asked, "count": missing if best else None})) if missing else []
    return decide([*best, *others, *_with_more(_asked(demand, role, agent_id, exclude), given)], demand)


def check(node_id: str, demand: Demand, role: str | None = None, agent_id: str = "") -> Decision:
    """The same for a node that somebody chose. Raises NodeNotFound, or NoCapacity with its one reason."""
    found = list(_read(ONE, {**_asked(demand, role, agent_id, ()), "node_id": node_id}))
    if not found:
        raise NodeNotFound
    return decide(found, demand)


def lack_of_room(node_id: str, demand: Demand) -> str | None:
    """Why the node has too little memory or CPU for it, or None; what else it may lack does not count."""
    found = next(_read(ONE, {**_asked(demand, None, "", ()), "node_id": node_id}), None)
    objection = room_objection(found, demand) if found else None
    return objection.of_one if objection else None


def _with_more(asked: dict[str, Any], given: Mapping[str, Sequence[Claim]]) -> Iterator[Candidate]:
    """These nodes as they would be with so many agents more."""
    if given:
        for candidate in _read(THESE, {**asked, "node_ids": list(given)}):
            yield candidate.with_more(given[candidate.node_id])


def _asked(demand: Demand, role: str | None, agent_id: str, exclude: Collection[str]) -> dict[str, Any]:
    moment = Moment.read()
    return {
        "role": role,
        "agent_id": agent_id,
        "exclude": list(exclude),
        "alive_since": max(moment.now - moment.offline_after, moment.listening_since),
        "capabilities": sorted(demand.capabilities),
        "labels": orjson.dumps(dict(demand.labels)).decode(),
        "memory_mb": demand.memory_mb,
        "cpu_weight": demand.cpu_weight,
        "sample": SAMPLE,
    }


def _read(statement: Any, asked: dict[str, Any]) -> Iterator[Candidate]:
    for row in db.session.execute(statement, asked):
        yield Candidate(
            node_id=row.node_id,
            status=("degraded" if row.status == "degraded" else "online") if row.alive else "offline",
            schedulable=row.schedulable,
            capabilities=frozenset(row.capabilities),
            agents=row.agents,
            cpu_usage=row.cpu_usage,
            memory_usage=row.memory_usage,
            memory_mb=row.memory_mb,
            cpu_count=row.cpu_count,
            labels=row.labels,
            assignable=row.assignable,
            promised=Claim(row.promised_memory_mb, row.promised_cpu),
            assigned=Claim(row.assigned_memory_mb, row.assigned_cpu),
            same_role=row.same_role,
        )
