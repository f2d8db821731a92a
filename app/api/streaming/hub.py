"""One Redis subscription per process, each event serialised once per process, a bounded queue per viewer."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from queue import Full
from threading import Event, Lock, Thread
from typing import Any

from app.api.streaming import frames
from app.api.streaming.snapshots import Snapshots
from app.gateways.event_bus import RESYNC
from app.gateways.event_feed import Batch, EventFeed, Gap, Link

GATHER_SECONDS = 0.02  # events of this time are sent to each viewer as one write
PATCH_SECONDS = 0.25
FIRST_LINK_SECONDS = 1.5
MOST_WAITING = 512  # chunks per viewer; one that lags further behind is cut and starts again

log = logging.getLogger(__name__)


class View(Enum):
    """The two representations on one hub."""

    WHOLE = "whole"
    PATCH = "patch"


class Viewer:
    """One open stream: the bytes that wait for it, which all viewers share; None ends the stream."""

    __slots__ = ("_cut", "_ready", "_waiting", "view")

    def __init__(self, view: View, cut: Callable[[], None]) -> None:
        self.view, self._cut = view, cut
        # Not a queue: thousands of viewers only wait, and an empty one takes a tenth of all that a viewer takes.
        self._waiting: list[bytes | None] = []
        self._ready = Event()

    def take(self) -> bytes | None:
        """Wait for the next chunk; None is the end."""
        while True:
            self._ready.clear()  # before looking: what is added after the look sets it again
            if self._waiting:
                return self._waiting.pop(0)
            self._ready.wait()

    def offer(self, chunk: bytes) -> None:
        """Add a chunk. Raises Full when the viewer is too slow."""
        if len(self._waiting) >= MOST_WAITING:
            raise Full
        self.add(chunk)

    def add(self, chunk: bytes | None) -> None:
        """Add a chunk even if the viewer is slow; None lets the stream end after what is there."""
        self._waiting.append(chunk)
        self._ready.set()

    def cut(self) -> None:
        """End the stream now, even if its socket does not take another byte."""
        with suppress(OSError):
            self._cut()
        self.add(None)


@dataclass
class Hub:
    """Hands every announcement to every viewer of this process."""

    feed: EventFeed
    keep_alive: float
    build: str = ""
    viewers: set[Viewer] = field(default_factory=set)
    snapshots: Snapshots = field(default_factory=Snapshots)
    live: bool = False
    _lock: Any = field(default_factory=Lock)
    _position: str | None = None  # the newest entry that was handed on
    _gathered: list[Batch] = field(default_factory=list)
    _patcher: frames.Patcher = field(default_factory=frames.Patcher)
    _started: bool = False
    _linked: Event = field(default_factory=Event)  # the first subscription stands, or has failed

    def attach(self, viewer: Viewer) -> str | None:
        """Add a viewer: it gets all that comes after the returned position (None: not known yet)."""
        with self._lock:
            if not self._started:
                self._started = True
                for run in (self._listen, self._send):
                    Thread(target=run, name=f"stream-hub{run.__name__}", daemon=True).start()
        self._linked.wait(FIRST_LINK_SECONDS)
        with self._lock:
            self.viewers.add(viewer)
            return self._position

    def detach(self, viewer: Viewer) -> None:
        """Forget a viewer that has gone."""
        self.viewers.discard(viewer)

    def close(self) -> None:
        """End all streams, so that the process can stop at once."""
        for viewer in list(self.viewers):
            viewer.add(None)

    def missed(self, entry_id: str, until: str) -> list[Batch]:
        """The batches from an entry on up to another, the first one included.

        Raises Gap, also for a viewer that comes from another process which has heard more than this one yet.
        """
        batches = self.feed.since(entry_id, until)
        if any(RESYNC in batch.lines for batch in batches[1:]):
            raise Gap  # announcements were lost in between, so a replay would not be whole
        return batches

    def link_message(self, view: View) -> bytes:
        """Whether changes come as they happen, or are delayed because Redis is away."""
        message = {"type": "server", "live": self.live, "build": self.build}
        return frames.named("server", message) if view is View.PATCH else frames.plain(message)

    def _listen(self) -> None:
        for heard in self.feed.listen():
            if isinstance(heard, Batch):
                self._take([heard])
            else:
                self._link(heard)

    def _link(self, link: Link) -> None:
        self.live = link is Link.UP
        if self.live:
            try:
                self._catch_up()
            except Gap:
                self._start_again()
        for viewer in list(self.viewers):
            viewer.add(self.link_message(viewer.view))
        self._linked.set()

    def _catch_up(self) -> None:
        newest = self._newest()
        if newest is None:
            self._start_again()  # whoever came while nothing could be heard has a beginning that is too old
        else:
            self._take(self.feed.since(newest)[1:])

    def _newest(self) -> str | None:
        return self._gathered[-1].entry_id if self._gathered else self._position

    def _start_again(self) -> None:
        with self._lock:
            self._gathered.clear()
            self._position = None
        with suppress(Gap):
            self._position = self.feed.position()
        for viewer in list(self.viewers):
            viewer.cut()  # it comes back with a position that is too old, and gets a fresh snapshot

    def _take(self, batches: list[Batch]) -> None:
        with self._lock:
            newest = self._newest()
            fresh = [b for b in batches if newest is None or _order(b.entry_id) > _order(newest)]
            self._gathered.extend(fresh)
            lost = any(RESYNC in batch.lines for batch in fresh)
            if lost:  # who comes from now on must meet this entry in the replay, or would never learn of the loss
                self._position, self._gathered = fresh[-1].entry_id, []
        if lost:
            for viewer in list(self.viewers):
                viewer.cut()

    def _send(self) -> None:
        patch_at = alive_at = time.monotonic()
        while True:
            time.sleep(GATHER_SECONDS)
            now = time.monotonic()
            if self._gathered:
                self._hand_on()
            if now - patch_at >= PATCH_SECONDS:
                patch_at = now
                self._offer(View.PATCH, self._patcher.flush())
            if now - alive_at >= self.keep_alive:
                alive_at = now
                self._offer(View.WHOLE, frames.plain({"type": "heartbeat"}))
                self._offer(View.PATCH, frames.named("ping", {}))

    def _hand_on(self) -> None:
        with self._lock:
            batches, self._gathered = self._gathered, []
            if not batches:
                return
            self._position = batches[-1].entry_id
            viewers = list(self.viewers)
        if any(viewer.view is View.PATCH for viewer in viewers):
            for batch in batches:
                self._patcher.add(batch)
        else:
            self._patcher.forget()
        if any(viewer.view is View.WHOLE for viewer in viewers):
            self._offer(View.WHOLE, b"".join(map(frames.whole, batches)), viewers)

    def _offer(self, view: View, chunk: bytes, viewers: list[Viewer] | None = None) -> None:
        if not chunk:
            return
        for viewer in list(self.viewers) if viewers is None else viewers:
            if viewer.view is not view:
                continue
            try:
                viewer.offer(chunk)
            except Full:
                log.warning("a viewer was too slow and was cut")
                self.detach(viewer)
                viewer.cut()


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)
