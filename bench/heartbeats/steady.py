"""A steady stream of beats as a fleet sends it, and how long until the answer and until a viewer sees the event."""

from __future__ import annotations

from bench.heartbeats import fleet
from bench.heartbeats.figures import growth, percentile, schedule
from bench.heartbeats.messages import OURS, arrivals
from bench.heartbeats.observed import Steady
from bench.heartbeats.posters import OpenLoop
from bench.heartbeats.servers import WebServer
from bench.heartbeats.stand import Stand
from bench.heartbeats.viewers import Crowd, settle

NODES = 10_000
EVENT_GRACE = 1.0  # seconds after the last beat in which its event must have come


def measure(
    stand: Stand, web: WebServer, name: str, rate: float, crowd: Crowd | None, keep: bool = True, path: str = OURS
) -> None:
    """Measure one variant in an open loop."""
    times = schedule(rate, stand.plan.steady)
    posters = OpenLoop(stand.loop, web.port, fleet.beats(NODES, len(times), path, keep), times, keep)
    settle(stand.loop, 0.5)
    noted = crowd.note() if crowd else []
    meter = stand.meter(web)
    before = meter.read()
    posters.run()
    spent = meter.since(before)
    settle(stand.loop, EVENT_GRACE if crowd else 0.1)
    posts = [1000 * posters.late_seconds[index] for index in sorted(posters.late_seconds)]
    events, lost = _events(posters, noted)
    seen = Steady(
        offered=rate,
        per_second=posters.done_in_time / times[-1],
        web_share=spent.web_share,
        post_p50=percentile(posts, 0.5),
        post_p99=percentile(posts, 0.99),
        event_p50=percentile(events, 0.5),
        event_p99=percentile(events, 0.99),
        grew=growth(posts),
        lost_events=lost,
        errors=len(times) - len(posts),
    )
    stand.results.steady.setdefault(name, []).append(seen)
    stand.say(f"{name:<45} {seen.per_second:6.0f}/s  web {seen.web_share:4.0%}  p99 {seen.post_p99:.0f} ms")


def _events(posters: OpenLoop, noted: list[list[tuple[float, bytes]]]) -> tuple[list[float], int]:
    """Milliseconds until each timed viewer had each event, and how many never came."""
    times: list[float] = []
    lost = 0
    for chunks in noted:
        came = arrivals(chunks)
        for index, due in enumerate(posters.schedule):
            if index in came:
                times.append(1000 * (came[index] - posters.started - due))
            else:
                lost += 1
    return times, lost
