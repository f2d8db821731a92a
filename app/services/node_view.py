"""From stored rows to nodes as they are at this moment. Shared by all verbs that read nodes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import text

from app.domain.nodes.health import Strain, open_issues
from app.domain.nodes.node import Node, present_agents
from app.domain.nodes.status import effective_listening, status_of
from app.extensions import db, settings

# One row: the database's clock, since when we listen without a gap, and whether the fleet seems gone.
_MOMENT = text(
    "SELECT now() AS now, c.listening_since, c.mass_outage_since, c.mass_outage_nodes,"
    " (SELECT max(accepting_at) FROM web_processes) AS accepting_at FROM control_plane c"
)


class StoredNode(Protocol):
    """The columns of cluster_nodes, whether they come as a model or as a plain row."""

    node_id: Any
    name: Any
    host: Any
    port: Any
    platform: Any
    arch: Any
    cpu_count: Any
    memory_mb: Any
    version: Any
    capabilities: Any
    labels: Any
    extra: Any
    schedulable: Any
    cordon: Any
    managed: Any
    registered_at: Any
    last_heartbeat: Any
    cpu_usage: Any
    memory_usage: Any
    disk_usage: Any
    load_average: Any
    agent_reports: Any
    strains: Any


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

    def view(self, row: StoredNode, strains: Mapping[str, Strain] | None = None) -> Node:
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
