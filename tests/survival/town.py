"""A control plane and a fleet of real daemons in namespaces, with agents whose processes are counted all the time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import Settings
from tests.fleet import until
from tests.kit.copies import COMMAND, STUBBORN, Copies, Pids
from tests.kit.fleets import LOOK, READY, Nodes, a_fleet
from tests.kit.nodes import Node
from tests.kit.proof import FULL, Proof


class Town:
    """Of each node's agents every second one may move; in the full run every fifth one has to be killed to end."""

    def __init__(self, fleet: Nodes, copies: Copies, lease: int) -> None:
        self.fleet, self.plane, self.nodes, self.copies, self.lease = fleet, fleet.plane, fleet.nodes, copies, lease

    @property
    def agent_ids(self) -> list[str]:
        return list(self.copies.changes)

    def fill(self) -> None:
        """Give each node its share of the agents."""
        for number, agent_id in enumerate(self.agent_ids):
            rank = number // len(self.nodes)
            body = {
                "agentId": agent_id,
                "nodeId": self.nodes[number % len(self.nodes)].node_id,
                "command": STUBBORN if FULL and rank % 5 == 0 else COMMAND,
                "onNodeLoss": "stay" if rank % 2 else "move",
                "leaseSeconds": self.lease,
            }
            until(lambda body=body: self.plane.post("/agents", body)[0] == 201, READY, LOOK)

    def settle(self) -> None:
        """Wait until each agent has one copy and each node is there."""
        until(lambda: all(len(self.copies.of(agent_id)) == 1 for agent_id in self.agent_ids), READY, LOOK)
        self.fleet.wait_online()

    def fullest(self) -> Node:
        """The node with the most agents."""
        return max(self.nodes, key=lambda node: len(self.placed_on(node)))

    def placed_on(self, node: Node, policy: str = "") -> list[str]:
        """Agents that should run there, all or those of one policy."""
        sql = "SELECT agent_id FROM agents WHERE node_id = %s AND on_node_loss LIKE %s ORDER BY agent_id"
        return [row[0] for row in self.fleet.ask(sql, node.node_id, policy or "%")]

    def processes_of(self, agent_ids: list[str]) -> dict[str, Pids]:
        """Their present processes."""
        return {agent_id: self.copies.of(agent_id) for agent_id in agent_ids}

    def wait_moved(self, agent_ids: list[str], node: Node, seconds: float) -> None:
        """Until each of them is placed on another node and has one copy."""
        until(
            lambda: (
                not set(agent_ids) & set(self.placed_on(node))
                and all(len(self.copies.of(agent_id)) == 1 for agent_id in agent_ids)
            ),
            seconds,
            LOOK,
        )

    def counted(self) -> str:
        """How often it was looked, for the table."""
        return f"{self.copies.samples} looks, the longest gap {self.copies.longest_gap:.2f} s"


@contextmanager
def a_town(folder: Path, settings: Settings, proof: Proof) -> Iterator[Town]:
    """Full: 20 nodes and 200 agents with the times that we promise; small: 4, 12 and short ones."""
    nodes, agents = proof.count(full=20, small=4), proof.count(full=200, small=12)
    names = [f"agent-{number:03}" for number in range(agents)]
    with a_fleet(folder, settings, "town", nodes) as fleet, Copies(names) as copies:
        town = Town(fleet, copies, proof.count(full=60, small=30))
        town.fill()
        town.settle()
        yield town


def now() -> float:
    """Seconds since the epoch, the clock of the looks."""
    return time.time()
