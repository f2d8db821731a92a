"""A control plane and nodes with real daemons on a network of their own, which can be cut."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from config import Settings
from tests.fleet import until
from tests.journeys.conftest import CALM, a_database, make_plane
from tests.journeys.control_plane import QUICK, ControlPlane
from tests.kit.hosts import Network
from tests.kit.nodes import Node
from tests.kit.proof import FULL

READY = 120.0
LOOK = 0.2  # seconds between two looks: they shall not be the load


@dataclass(frozen=True)
class Nodes:
    """They beat to the plane; in a full run with the times that we promise, otherwise with short ones."""

    plane: ControlPlane
    network: Network
    nodes: list[Node]

    def online(self) -> int:
        """How many are online or degraded; -1 when the control plane does not answer."""
        status, body = self.plane.get("/nodes")
        return sum(node["status"] != "offline" for node in body["nodes"]) if status == 200 else -1

    def wait_online(self, seconds: float = READY) -> None:
        """Until all of them are."""
        until(lambda: self.online() == len(self.nodes), seconds, LOOK)

    def wait(self, nodes: Sequence[Node], status: str, seconds: float) -> None:
        """Until each of these has that status; a machine that is merely busy counts as online."""
        until(lambda: all(self.plane.status_of(node.node_id)[0] == status for node in nodes), seconds, LOOK)

    def silent(self) -> list[str]:
        """Ids of those that were announced as offline."""
        sql = "SELECT node_id FROM cluster_nodes WHERE status = 'offline' AND status_reason = 'silent'"
        return [row[0] for row in self.ask(sql)]

    def heard_at(self, node: Node) -> float:
        """When its last heartbeat was accepted, in seconds since the epoch."""
        sql = "SELECT extract(epoch FROM last_heartbeat)::float8 FROM cluster_nodes WHERE node_id = %s"
        return float(self.ask(sql, node.node_id)[0][0])

    def silences(self, nodes: Sequence[Node]) -> list[float]:
        """Seconds from the last accepted heartbeat of each of these to the moment when it was found offline."""
        lasted = "extract(epoch FROM status_since - last_heartbeat)::float8"
        sql = f"SELECT {lasted} FROM cluster_nodes WHERE node_id = ANY(%s)"  # noqa: S608 - our own words
        return [float(row[0]) for row in self.ask(sql, [node.node_id for node in nodes])]

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, read over a connection of its own."""
        with closing(psycopg2.connect(self.plane.dsn)) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())


@contextmanager
def a_fleet(
    folder: Path, settings: Settings, purpose: str, count: int, make: Callable[..., Node] = Node, **environment: str
) -> Iterator[Nodes]:
    """So many nodes that are online. `environment` is the control plane's."""
    with a_database(settings, purpose) as url, Network(folder / "network") as network:
        plane = make_plane(folder, settings, url, {**({} if FULL else QUICK), **CALM, **environment})
        try:
            plane.start(host=network.gateway)
            made = Nodes(plane, network, [make(network, number, plane.url()) for number in range(1, count + 1)])
            made.wait_online()
            yield made
        finally:
            for log in sorted(network.folder.glob("node-*/log")):
                print(f"--- {log.parent.name}\n{log.read_text()[-1000:]}")  # noqa: T201 - shown when the test failed
            network.processes.end_all()
            plane.stop()
