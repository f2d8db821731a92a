"""Two machines under one node id: the second is refused, and the first one shows it."""

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, text

from app.domain.nodes.health import Signal, assess
from app.domain.nodes.status import StatusReason
from app.services.node_view import dump_strains, load_strains
from app.services.presence.transitions import Entry, write_entries

ISSUE = "duplicate_node_id:"
MESSAGE = "Another machine also tries to report under this node id"

_KNOWN = text(
    "SELECT node_id, host, status, strains, now() AS now FROM cluster_nodes"
    " WHERE node_id = ANY(:node_ids) ORDER BY node_id FOR UPDATE"
)
_MARK = text("UPDATE cluster_nodes SET strains = CAST(:strains AS jsonb) WHERE node_id = :node_id")


def record(connection: Connection, node_ids: Sequence[str]) -> dict[str, str]:
    """Mark the nodes among these that exist, since another machine was refused for them.

    Returns the host of the machine that goes on, by node id; ids that are missing are unknown nodes.
    """
    hosts: dict[str, str] = {}
    for row in connection.execute(_KNOWN, {"node_ids": list(node_ids)}):
        hosts[row.node_id] = row.host
        before = load_strains(row.strains)
        after = assess(before, {ISSUE: Signal(MESSAGE, 1)}, row.now, scope_is_node=False)
        if after != before:
            strains = orjson.dumps(dump_strains(after)).decode()
            connection.execute(_MARK, {"node_id": row.node_id, "strains": strains})
        if ISSUE not in before:
            write_entries(connection, [Entry(row.node_id, row.status, row.status, StatusReason.CONFLICT, MESSAGE)])
    return hosts
