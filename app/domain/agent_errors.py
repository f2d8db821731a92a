"""The failures that a caller can expect when agents are placed and acted on."""

from app.domain.errors import MusterError


class NodeNotManaged(MusterError):
    """No daemon of ours runs on the node, so that it cannot be told what to run."""

    code = "node_not_managed"

    def __init__(self, node_id: str) -> None:
        super().__init__(f"{node_id} has no Muster daemon: install it there, so that it can be told what to run")
