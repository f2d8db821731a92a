"""Nodes on demand, their past in the test's hands, and waiting with a deadline."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.domain.nodes.heartbeat import parse
from app.domain.nodes.node import Node
from app.domain.nodes.registration import Registration
from app.extensions import db
from app.services import heartbeats, jobs, nodes
from app.services.jobs import JobView

T = TypeVar("T")
CLUSTER = "/api/engine/cluster"


def until(look: Callable[[], T], seconds: float = 10.0, every: float = 0.01) -> T:
    """What `look` answers once that is truthy, looking every so many seconds; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"still {found!r} after {seconds} s"
        time.sleep(every)
    return found


def run_job(job_id: UUID) -> JobView:
    """Carry a job out here and now, and show how it is then."""
    jobs.run_job(job_id)
    return jobs.get_job(job_id)


class Fleet:
    """The nodes of one test."""

    def add(self, node_id: str = "mac-mini", **said: Any) -> Node:
        """Register a node as its own daemon would."""
        return nodes.register(SYSTEM, Registration(**{"node_id": node_id, "host": "127.0.0.1", "port": 3101, **said}))

    def beat(self, node_id: str = "mac-mini", **said: Any) -> heartbeats.Accepted:
        """Send a heartbeat."""
        return heartbeats.accept(node_id, parse(said))

    def node(self, node_id: str = "mac-mini") -> Node:
        """A node as everybody sees it now."""
        return nodes.get_node(node_id).node

    def silence(self, node_id: str, seconds: float) -> None:
        """As if the last heartbeat had been longer ago."""
        self._change(
            "UPDATE cluster_nodes SET last_heartbeat = now() - :past WHERE node_id = :node_id",
            past=timedelta(seconds=seconds),
            node_id=node_id,
        )

    def age(self, node_id: str, seconds: float) -> None:
        """As if everything that a node remembers had happened earlier: lets strains count the next beat."""
        self._change(
            "UPDATE cluster_nodes SET last_heartbeat = last_heartbeat - :past, strains = coalesce(("
            " SELECT jsonb_object_agg(key, value || jsonb_build_object('countedAt',"
            " to_char((value->>'countedAt')::timestamptz - :past, 'YYYY-MM-DD\"T\"HH24:MI:SS.USTZH:TZM')))"
            " FROM jsonb_each(strains)), '{}') WHERE node_id = :node_id",
            past=timedelta(seconds=seconds),
            node_id=node_id,
        )

    def age_agent(self, node_id: str, agent_id: str, seconds: float) -> None:
        """As if an agent had reported itself so much longer ago."""
        self._change(
            "UPDATE cluster_nodes SET agent_reports = jsonb_set(agent_reports, ARRAY[:agent_id, 'at'],"
            " to_jsonb((agent_reports->:agent_id->>'at')::float8 - :seconds)) WHERE node_id = :node_id",
            node_id=node_id,
            agent_id=agent_id,
            seconds=seconds,
        )

    def stored(self, node_id: str, column: str) -> Any:
        """A column of a node as it is committed, seen by another connection."""
        with db.engine.connect() as connection:
            chosen = text(f"SELECT {column} FROM cluster_nodes WHERE node_id = :node_id")  # noqa: S608 - our own tests
            return connection.execute(chosen, {"node_id": node_id}).scalar_one()

    def listening_for(self, seconds: float) -> None:
        """As if the control plane had begun to listen that long ago."""
        self._change("UPDATE control_plane SET listening_since = now() - :past", past=timedelta(seconds=seconds))

    def deaf_for(self, seconds: float) -> None:
        """As if no web process had been able to accept a heartbeat for that long."""
        self._change("UPDATE web_processes SET accepting_at = now() - :past", past=timedelta(seconds=seconds))

    def reasons(self, node_id: str = "mac-mini") -> list[str]:
        """The timeline of a node, oldest first."""
        return [entry.reason for entry in reversed(nodes.timeline(node_id, None, 100))]

    def _change(self, sql: str, **values: Any) -> None:
        with db.engine.begin() as connection:
            connection.execute(text(sql), values)
