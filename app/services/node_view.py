"""From stored rows to nodes as they are at this moment. Shared by all verbs that read nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, Text, cast, text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import NullType

from app.domain.nodes.health import Strain, open_issues
from app.domain.nodes.node import Node, present_agents
from app.domain.nodes.status import effective_listening, status_of
from app.extensions import db, settings
from app.models import NodeRow

# One row: the database's clock, since when we listen without a gap, and whether the fleet seems gone.
_MOMENT = text(
    "SELECT now() AS now, c.listening_since, c.mass_outage_since, c.mass_outage_nodes,"
    " (SELECT max(accepting_at) FROM web_processes) AS accepting_at FROM control_plane c"
)


@dataclass(slots=True)
class StoredNode:
    """What a node is viewed from: these columns of cluster_nodes, and nothing else. Those that hold JSON come last."""

    node_id: str
    name: str
    host: str
    port: int
    platform: str
    arch: str
    cpu_count: int
    memory_mb: int
    version: str
    capabilities: list[str]
    schedulable: bool
    managed: bool
    registered_at: datetime
    last_heartbeat: datetime | None
    cpu_usage: float | None
    memory_usage: float | None
    disk_usage: float | None
    load_average: list[float] | None
    labels: dict[str, str]
    extra: dict[str, Any]
    cordon: dict[str, Any] | None
    agent_reports: dict[str, Any]
    strains: dict[str, Any]


def _as_it_comes(column: Any) -> ColumnElement[Any]:
    return cast(column, Text) if isinstance(column.type, JSONB) else type_coerce(column, NullType())


# As the driver gives them, for `stored`: SQLAlchemy's conversion of each value would take longer than all the rest.
COLUMNS = [_as_it_comes(getattr(NodeRow, field.name)) for field in fields(StoredNode)]


def stored(row: Sequence[Any]) -> StoredNode:
    """A row of COLUMNS."""
    *plain, labels, extra, cordon, reports, strains = row
    held = _loads(cordon) if cordon else None
    values = (*plain, _loads(labels), _loads(extra), held, orjson.loads(reports), _loads(strains))
    return StoredNode(*values)


@lru_cache(maxsize=4096)  # of a fleet many have the same, or nothing; nobody changes what was loaded
def _loads(json: str) -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(json)
    return loaded


class Moment:
    """The database's time, and what status depends on besides the node itself."""

    def __init__(self, now: datetime, listening_since: datetime, offline_after: timedelta) -> None:
        self.now, self.listening_since, self.offline_after = now, listening_since, offline_after

    @classmethod
    def read(cls) -> "Moment":
        """Ask the database, within the current transaction."""
        row = db.session.execute(_MOMENT).one()
        listening = effective_listening(row.listening_since, row.accepting_at, row.now, settings().deaf_after)
        return cls(row.now, listening, settings().offline_after)

    def view(self, row: StoredNode | NodeRow | Row[Any], strains: Mapping[str, Strain] | None = None) -> Node:
        """Judge one stored node at this moment; `strains` in place of the stored ones, if they just changed."""
        issues = open_issues(load_strains(row.strains) if strains is None else strains)
        verdict = status_of(row.last_heartbeat, self.listening_since, bool(issues), self.now, self.offline_after)
        up = verdict.status != "offline"
        return Node(
            node_id=row.node_id,
            name=row.name,
            host=row.host,
            port=row.port,
            platform=row.platform,
            arch=row.arch,
            cpu_count=row.cpu_count,
            memory_mb=row.memory_mb,
            version=row.version,
            agents=present_agents(row.agent_reports, self.now if up else row.last_heartbeat, self.offline_after),
            capabilities=tuple(row.capabilities),
            status=verdict.status,
            reason=verdict.reason,
            registered_at=row.registered_at,
            last_heartbeat=row.last_heartbeat,
            cpu_usage=row.cpu_usage,
            memory_usage=row.memory_usage,
            disk_usage=row.disk_usage,
            load_average=row.load_average,
            issues=issues,
            labels=row.labels,
            metadata=row.extra,
            schedulable=row.schedulable,
            cordon=row.cordon,
            managed=row.managed,
        )


def load_strains(stored: Mapping[str, Any]) -> dict[str, Strain]:
    """Read the JSON of the strains column."""
    return {
        key: Strain(
            item["message"],
            item["bad"],
            item["clean"],
            datetime.fromisoformat(item["countedAt"]),
            datetime.fromisoformat(item["since"]) if item["since"] else None,
        )
        for key, item in stored.items()
    }


def dump_strains(strains: Mapping[str, Strain]) -> dict[str, Any]:
    """The JSON of the strains column."""
    return {
        key: {
            "message": strain.message,
            "bad": strain.bad_beats,
            "clean": strain.clean_beats,
            "countedAt": strain.counted_at.isoformat(),
            "since": strain.since.isoformat() if strain.since else None,
        }
        for key, strain in strains.items()
    }
