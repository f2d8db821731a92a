"""What is announced after a commit, in the form that travels to every viewer."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.nodes.node import Json, Node, to_wire


class NodeEvent(StrEnum):
    """The events of the cluster protocol's stream."""

    REGISTER = "register"
    HEARTBEAT = "heartbeat"
    OFFLINE = "offline"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class NodeAnnouncement:
    """One node as it is after a change. It carries the whole node, so that a lost one heals with the next."""

    event: NodeEvent
    node: Node
    removed: bool = False

    def wire(self) -> Json:
        """The JSON of one stream message."""
        message = {"type": "node", "event": self.event, **to_wire(self.node)}
        return {**message, "removed": True} if self.removed else message
