"""As many requests as one web process takes."""

from __future__ import annotations

from collections.abc import Callable

from bench.heartbeats import fleet
from bench.heartbeats.messages import daemon_beat
from bench.heartbeats.observed import Saturated
from bench.heartbeats.posters import ClosedLoop
from bench.heartbeats.servers import WebServer
from bench.heartbeats.stand import Stand
from bench.heartbeats.viewers import settle

Body = Callable[[int, int], bytes]


def saturate(
    stand: Stand,
    web: WebServer,
    name: str,
    path: str,
    nodes: int,
    keep: bool = True,
    body: Body = daemon_beat,
    identity: bool = False,
) -> None:
    """Measure one variant in a closed loop of 64 clients."""
    requests = fleet.beats(nodes, nodes, path, keep, body, identity)
    clients = ClosedLoop(stand.loop, web.port, requests, keep)
    clients.run(stand.plan.warm_up)
    meter = stand.meter(web)
    done, errors, before = clients.done, clients.errors, meter.read()
    clients.run(stand.plan.saturate)
    spent, done = meter.since(before), clients.done - done
    clients.close()
    settle(stand.loop, 0.2)
    seen = Saturated(
        done / spent.seconds,
        spent.web_seconds / max(done, 1) * 1e6,
        spent.web_share,
        spent.generator_core_share,
        spent.strangers_share,
        clients.errors - errors,
    )
    stand.results.saturated.setdefault(name, []).append(seen)
    stand.say(f"{name:<45} {seen.per_second:6.0f}/s {seen.cpu_us:6.0f} µs  web {seen.web_share:4.0%}")
