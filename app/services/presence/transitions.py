"""Write changed statuses and the timeline; shared by every verb that changes a node."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from app.domain.nodes.status import StatusReason

_NODES = text("""
UPDATE cluster_nodes AS n SET
    status = c.to_status, strains = c.strains, agent_reports = c.reports, agents_seen = c.agents_seen,
    status_reason = CASE WHEN n.status = c.to_status THEN n.status_reason ELSE c.reason END,
    status_since = CASE WHEN n.status = c.to_status THEN n.status_since ELSE now() END
FROM jsonb_to_recordset(CAST(:changes AS jsonb)) AS c(
    node_id text, from_status text, to_status text, reason text, strains jsonb, reports jsonb,
    agents_seen int)
WHERE n.node_id = ANY(:node_ids) AND n.node_id = c.node_id AND n.status = c.from_status
RETURNING n.node_id
""")
_TIMELINE = text("""
INSERT INTO node_transitions (node_id, from_status, to_status, reason, message, agents)
SELECT c.node_id, c.from_status, c.to_status, c.reason, c.message,
    ARRAY(SELECT jsonb_array_elements_text(c.agents))
FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS c(
    node_id text, from_status text, to_status text, reason text, message text, agents jsonb)
""")


@dataclass(frozen=True)
class Change:
    """What a heartbeat changed besides the fresh figures."""

    node_id: str
    from_status: str
    to_status: str
    reason: StatusReason
    strains: dict[str, Any]
    reports: dict[str, Any]
    agents_seen: int


@dataclass(frozen=True)
class Entry:
    """One line for a node's timeline. `agents` are those that were on the node."""

    node_id: str
    from_status: str
    to_status: str
    reason: StatusReason
    message: str = ""
    agents: Sequence[str] = field(default_factory=tuple)


def write_changes(connection: Connection, changes: Sequence[Change]) -> None:
    """Store changes, and a timeline entry for each whose status is another now.

    The old status in the WHERE is the claim: if another process changed it meanwhile, the line is that one's.
    """
    if not changes:
        return
    node_ids = [change.node_id for change in changes]
    parameters = {"changes": orjson.dumps(changes).decode(), "node_ids": node_ids}
    claimed = set(connection.execute(_NODES, parameters).scalars())
    write_entries(
        connection,
        [
            Entry(c.node_id, c.from_status, c.to_status, c.reason, _sentence(c), sorted(c.reports))
            for c in changes
            if c.from_status != c.to_status and c.node_id in claimed
        ],
    )


def write_entries(connection: Connection | Session, entries: Sequence[Entry]) -> None:
    """Add lines to timelines, within the caller's transaction."""
    if entries:
        connection.execute(_TIMELINE, {"entries": orjson.dumps(entries).decode()})


def _sentence(change: Change) -> str:
    opened = [strain["message"] for strain in change.strains.values() if strain["since"]]
    return "; ".join(opened)
