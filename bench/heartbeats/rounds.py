"""One round: every variant once, in the same order, on a fleet of 1,000 and on one of 10,000 nodes."""

from __future__ import annotations

from bench.heartbeats.messages import BARE, EMPTY, NAIVE, OURS, small_beat
from bench.heartbeats.saturation import saturate
from bench.heartbeats.servers import WebServer
from bench.heartbeats.stand import Stand
from bench.heartbeats.steady import measure
from bench.heartbeats.viewing import first_viewer


def run(stand: Stand) -> None:
    """One round."""
    with stand.ours(1000) as ours:
        _limits(stand, ours, 1000)
        _identity(stand, ours, 1000)
        _viewers(stand, ours, 1000, (10, 50))
        _crowd_of_patches(stand, ours, 1000)
    with stand.ours(10_000) as ours:
        _limits(stand, ours, 10_000)
        measure(stand, stand.baseline, "333/s, bare Flask", 333, None, path=BARE)
        measure(stand, ours, "333/s, no viewer", 333, None)
        crowd = stand.crowd(ours, "whole", 10_000)
        first_viewer(stand, ours, crowd, 10_000)
        crowd.grow(10)
        measure(stand, ours, "333/s, 10 viewers", 333, crowd)
        measure(stand, ours, "1,000/s, 10 viewers", 1000, crowd)
        crowd.grow(50)
        measure(stand, ours, "333/s, 50 viewers", 333, crowd)
        measure(stand, ours, "333/s, 50 viewers, new connections", 333, crowd, keep=False)
        saturate(stand, ours, "ours, 50 viewers, 10,000 nodes", OURS, 10_000)
        crowd.leave()
        patches = stand.crowd(ours, "patch", 10_000)
        patches.grow(50)
        measure(stand, ours, "333/s, 50 patch viewers", 333, patches)
        patches.leave()


def _limits(stand: Stand, ours: WebServer, nodes: int) -> None:
    base, where = stand.baseline, f"{nodes:,} nodes"
    saturate(stand, base, f"gunicorn alone, {where}", EMPTY, nodes)
    saturate(stand, base, f"bare Flask, {where}", BARE, nodes)
    saturate(stand, ours, f"ours, no viewer, {where}", OURS, nodes)
    saturate(stand, base, f"naive, {where}", NAIVE, nodes)
    if nodes == 1000:
        saturate(stand, base, "bare Flask, new connections", BARE, nodes, keep=False)
        saturate(stand, ours, "ours, new connections", OURS, nodes, keep=False)
        saturate(stand, base, "naive, new connections", NAIVE, nodes, keep=False)
        saturate(stand, base, "bare Flask, small body", BARE, nodes, body=small_beat)
        saturate(stand, ours, "ours, small body", OURS, nodes, body=small_beat)


def _identity(stand: Stand, ours: WebServer, nodes: int) -> None:
    with stand.ours(nodes, identity=True) as secured:
        saturate(stand, ours, "ours, identity off", OURS, nodes)
        saturate(stand, secured, "ours, identity on", OURS, nodes, identity=True)


def _viewers(stand: Stand, ours: WebServer, nodes: int, counts: tuple[int, ...]) -> None:
    crowd = stand.crowd(ours, "whole", nodes)
    first_viewer(stand, ours, crowd, nodes)
    for count in counts:
        crowd.grow(count)
        saturate(stand, ours, f"ours, {count} viewers, {nodes:,} nodes", OURS, nodes)
    if cut := crowd.cut():
        stand.say(f"{cut} viewers were cut")
    crowd.leave()


def _crowd_of_patches(stand: Stand, ours: WebServer, nodes: int) -> None:
    crowd = stand.crowd(ours, "patch", nodes)
    crowd.grow(50)
    saturate(stand, ours, f"ours, 50 patch viewers, {nodes:,} nodes", OURS, nodes)
    crowd.leave()
