"""Announce changes to whoever watches: a capped Redis stream for replay, and pub/sub beside it, in one call."""

import logging
import time
from collections import deque
from collections.abc import Sequence
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, cast

import orjson
from flask import Flask, current_app

from app.domain.nodes.events import NodeAnnouncement

if TYPE_CHECKING:
    import redis

STREAM = "muster:events"
# Entries kept for replay; an entry is one batch: half a minute of a very big fleet, an hour of a small one.
KEPT = 2000
MOST_PER_ENTRY = 200
MOST_WAITING = 20_000
RETRY_SECONDS = 1.0
PACE = 0.04  # seconds from call to call: what a call costs, here and at every subscriber, is shared by its events
# What travels when announcements were lost while Redis was away: viewers must look again.
RESYNC = b'{"type":"resync"}'

# One round trip that is atomic: the entry's id, which only XADD can give, must travel with the message.
_SEND = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[1])
redis.call('PUBLISH', ARGV[3], id .. '\\n' .. ARGV[1])
return id
"""

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Bind a bus to the app; it sends from a thread that starts with the first announcement."""
    app.extensions["event_bus"] = EventBus(app.extensions["redis_client"])


def channel(client: "redis.Redis") -> str:
    """The channel of this Redis database: the databases of one server share all channels."""
    return f"muster:live:{client.get_connection_kwargs().get('db') or 0}"


def publish(announcements: Sequence[NodeAnnouncement]) -> None:
    """Announce, without waiting for Redis: a heartbeat never depends on it. Order is kept."""
    cast("EventBus", current_app.extensions["event_bus"]).publish(announcements)


class EventBus:
    """Gathers announcements while one call to Redis is under way, and sends them with the next."""

    def __init__(self, client: "redis.Redis") -> None:
        self._send = client.register_script(_SEND)
        self._channel = channel(client)
        self._waiting: deque[NodeAnnouncement] = deque()
        self._wake = Event()
        self._starting = Lock()
        self._thread: Thread | None = None
        self._lost = False
        self._idle = Event()
        self._idle.set()

    def drain(self, seconds: float) -> None:
        """Wait until all is sent, at most so long: what a process that stops still had to say."""
        self._idle.wait(seconds)

    def publish(self, announcements: Sequence[NodeAnnouncement]) -> None:
        """Queue announcements. Beyond the limit they are dropped, and viewers are told to look again later."""
        if not announcements:
            return
        if len(self._waiting) + len(announcements) > MOST_WAITING:
            self._waiting.clear()
            self._lost = True
        self._idle.clear()
        self._waiting.extend(announcements)
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="event-bus", daemon=True)
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        sent_at = 0.0
        while True:
            self._wake.wait()
            time.sleep(max(sent_at + PACE - time.monotonic(), 0))
            sent_at = time.monotonic()
            self._wake.clear()
            while self._waiting or self._lost:
                lines: list[bytes] = []
                while self._waiting and len(lines) < MOST_PER_ENTRY:
                    lines.append(orjson.dumps(self._waiting.popleft().wire()))
                self._deliver(lines)
            self._idle.set()

    def _deliver(self, lines: list[bytes]) -> None:
        if self._lost:
            lines = [RESYNC, *lines]
        try:
            self._send(keys=[STREAM], args=[b"\n".join(lines), KEPT, self._channel])
            self._lost = False
        except Exception as failure:  # noqa: BLE001 - RedisError or a surprise: this thread must go on announcing
            log.warning("live events are delayed, Redis does not take them: %s", type(failure).__name__)
            self._lost = True
            time.sleep(RETRY_SECONDS)
