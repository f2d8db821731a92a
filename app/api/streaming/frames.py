"""How events look to a viewer: whole nodes one by one (the cluster protocol), or thin patches in batches (ours)."""

import random
import time
from collections.abc import Iterable, Iterator

import orjson

from app.domain.nodes.node import Json, Node, to_patch, to_wire
from app.gateways.event_bus import RESYNC
from app.gateways.event_feed import Batch

# Given to snapshot messages but the last: who comes back with it has seen half a snapshot, and gets a new one.
UNFINISHED = "0"
SNAPSHOT_CHUNK = 50


def whole(batch: Batch, after: int = -1) -> bytes:
    """The frames of a batch for the cluster protocol, without its first `after` + 1 lines."""
    return b"".join(
        b"id: %s.%d\ndata: %s\n\n" % (batch.entry_id.encode(), index, line)
        for index, line in enumerate(batch.lines)
        if index > after and line != RESYNC
    )


def snapshot(nodes: list[Node], position: str) -> Iterator[bytes]:
    """One message per node; the last one carries the position from which the stream goes on."""
    last = len(nodes) - 1
    for start in range(0, len(nodes), SNAPSHOT_CHUNK):
        chunk = enumerate(nodes[start : start + SNAPSHOT_CHUNK], start)
        yield b"".join(_snapshot_frame(node, position if index == last else UNFINISHED) for index, node in chunk)
        time.sleep(0)  # others get a turn


def _snapshot_frame(node: Node, position: str) -> bytes:
    message = orjson.dumps({"type": "node", "event": "snapshot", **to_wire(node)})
    return b"id: %s\ndata: %s\n\n" % (position.encode(), message)


def named(event: str, body: Json, position: str | None = None) -> bytes:
    """A message of the patch view."""
    head = b"id: %s\n" % position.encode() if position else b""
    return b"%sevent: %s\ndata: %s\n\n" % (head, event.encode(), orjson.dumps(body))


def plain(body: Json) -> bytes:
    """A message of the cluster protocol that is not about a node."""
    return b"data: %s\n\n" % orjson.dumps(body)


def retry() -> bytes:
    """How long a browser waits before it comes back; never the same for two, so that they do not come as a herd."""
    return b"retry: %d\n\n" % random.randint(1000, 4000)  # noqa: S311 - spreads load, guards nothing


class Patcher:
    """Joins batches into one message per flush: the newest patch per node, whole nodes where more has changed."""

    def __init__(self) -> None:
        self._outline: dict[str, tuple[object, ...]] = {}
        self._patches: dict[str, Json] = {}
        self._nodes: dict[str, Json] = {}
        self._position: str | None = None

    def add(self, batch: Batch) -> None:
        """Take in a batch."""
        self._position = batch.entry_id
        for line in batch.lines:
            message = orjson.loads(line)
            if message["type"] == "node":
                self._add_node(message)

    def forget(self) -> None:
        """Nobody follows: what changes from now on goes unseen, so the next to come are told whole nodes again."""
        self._outline.clear()

    def flush(self) -> bytes:
        """All that was taken in since the last flush; empty if nothing."""
        if self._position is None:
            return b""
        frames = [named("node", node) for node in self._nodes.values()]
        patches = [patch for node_id, patch in self._patches.items() if node_id not in self._nodes]
        frames.append(b"id: %s\nevent: patch\ndata: %s\n\n" % (self._position.encode(), orjson.dumps(patches)))
        self._patches, self._nodes, self._position = {}, {}, None
        return b"".join(frames)

    def _add_node(self, message: Json) -> None:
        node_id = message["nodeId"]
        shown = (message["status"], message["agents"], message["issues"], message["schedulable"])
        outline = (*shown, message.get("cordon"))  # a process that was not upgraded yet does not say it
        same = self._outline.get(node_id) == outline
        self._outline[node_id] = outline
        if message.get("removed"):
            self._outline.pop(node_id)
        if message["event"] == "heartbeat" and same and node_id not in self._nodes:
            self._patches[node_id] = to_patch(message)
        else:
            self._nodes[node_id] = message


def patched(batches: Iterable[Batch]) -> bytes:
    """Batches that were missed, as one patch message."""
    patcher = Patcher()
    for batch in batches:
        patcher.add(batch)
    return patcher.flush()
