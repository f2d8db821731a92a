"""What viewers cost apart from events: their beginning, and their memory while they wait."""

from __future__ import annotations

import time

from bench.heartbeats.observed import Idle, Snapshot
from bench.heartbeats.servers import WebServer
from bench.heartbeats.stand import Stand
from bench.heartbeats.usage import memory
from bench.heartbeats.viewers import Crowd, settle

FIRST = 100
GROUP = 20


def first_viewer(stand: Stand, ours: WebServer, crowd: Crowd, nodes: int) -> None:
    """Attach the one viewer that is sent the whole fleet."""
    meter, began = stand.meter(ours), time.monotonic()
    before = meter.read()
    crowd.grow(1)
    seen = Snapshot(nodes, time.monotonic() - began, meter.since(before).web_seconds)
    stand.results.snapshots.setdefault(nodes, []).append(seen)


def idle_memory(stand: Stand) -> None:
    """What viewers cost that only wait: when they come a few at a time, and when all come at once."""
    stand.results.idle = _idle(stand, GROUP)
    stand.results.idle_at_once = _idle(stand, stand.plan.idle_viewers)


def _idle(stand: Stand, group: int) -> Idle:
    with stand.ours(100) as ours:
        crowd = stand.crowd(ours, "whole", 100)
        crowd.grow(FIRST, snapshots=True)  # they pay for what is there once, however many come
        rss, uss = memory(ours.worker)
        for count in range(FIRST + group, FIRST + stand.plan.idle_viewers + 1, group):
            crowd.grow(count, snapshots=True)
        settle(stand.loop, 2.0)
        rss_after, uss_after = memory(ours.worker)
        added = len(crowd.viewers) - FIRST
        crowd.leave()
        return Idle(added, (rss_after - rss) / added / 1000, (uss_after - uss) / added / 1000)
