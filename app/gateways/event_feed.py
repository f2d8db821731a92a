"""Listen to announcements: one subscription per process that survives Redis and misses nothing it can replay."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

import redis

from app.gateways import redis_client
from app.gateways.event_bus import STREAM, channel

LISTEN_SECONDS = 5.0  # after so much silence Redis is asked whether it is there, and has as long to answer
RETRY_SECONDS = 0.5
MOST_REPLAYED = 500  # entries
BEGINNING = "0-0"
Entries = list[tuple[bytes, dict[bytes, bytes]]]


@dataclass(frozen=True, slots=True)
class Batch:
    """What was announced together. `entry_id` is the replay position of the batch."""

    entry_id: str
    lines: tuple[bytes, ...]


class Link(Enum):
    """The subscription itself changed: what came while it was down has to be caught up by `since`."""

    UP = "up"
    DOWN = "down"


class Gap(Exception):
    """The wanted position is no longer (or never was) in the replay log, or Redis does not answer."""


class EventFeed:
    """Reads the channel for the live batches, and the stream for what was missed."""

    def __init__(self, url: str) -> None:
        self._client = redis_client.connect(url)

    def position(self) -> str:
        """The id of the newest entry. Raises Gap when Redis does not answer."""
        try:
            newest = cast("Entries", self._client.xrevrange(STREAM, count=1))
        except redis.RedisError as failure:
            raise Gap from failure
        return newest[0][0].decode() if newest else BEGINNING

    def since(self, entry_id: str, until: str = "+") -> list[Batch]:
        """The batches from an entry on, that one first, up to another.

        Raises Gap when the first is not in the log any more, or when there is so much to replay that a
        snapshot is cheaper.
        """
        try:
            entries = cast("Entries", self._client.xrange(STREAM, min=entry_id, max=until, count=MOST_REPLAYED))
        except redis.RedisError as failure:
            raise Gap from failure
        if not entries or entries[0][0].decode() != entry_id or len(entries) == MOST_REPLAYED:
            raise Gap
        return [Batch(key.decode(), tuple(fields[b"e"].split(b"\n"))) for key, fields in entries]

    def listen(self) -> Iterator[Batch | Link]:
        """Live batches for ever, and each change of the link itself."""
        while True:
            pubsub = self._client.pubsub()  # type: ignore[no-untyped-call]
            try:
                pubsub.subscribe(channel(self._client))
                for message in _messages(pubsub):
                    if message["type"] == "subscribe":
                        yield Link.UP
                    elif message["type"] == "message":
                        entry_id, _, body = message["data"].partition(b"\n")
                        yield Batch(entry_id.decode(), tuple(body.split(b"\n")))
            except redis.RedisError:
                yield Link.DOWN
                time.sleep(RETRY_SECONDS)
            finally:
                pubsub.close()


def _messages(pubsub: Any) -> Iterator[dict[str, Any]]:
    """Whatever comes. Raises redis.TimeoutError when Redis hangs: the kernel keeps its connections for it."""
    asked = False
    while True:
        message = pubsub.get_message(timeout=LISTEN_SECONDS)
        if message is not None:
            asked = False
            yield message
        elif asked:
            raise redis.TimeoutError("Redis says nothing")
        else:
            pubsub.ping()
            asked = True
