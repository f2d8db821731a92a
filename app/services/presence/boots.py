"""The starts of a node's daemons, as they are stored."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, text

from app.domain.nodes.boots import Boots

_KEEP = text(
    "UPDATE cluster_nodes SET boot_id = :current, previous_boot_id = :previous, refused_boot_id = :refused,"
    " beat_number = :number, previous_beat_number = :previous_number WHERE node_id = :node_id"
)


def of_row(row: Any) -> Boots:
    """From the columns of cluster_nodes."""
    return Boots(row.boot_id, row.previous_boot_id, row.refused_boot_id, row.beat_number, row.previous_beat_number)


def keep(connection: Connection, node_id: str, boots: Boots) -> None:
    """Store them, within the caller's transaction."""
    connection.execute(_KEEP, {"node_id": node_id, **asdict(boots)})
