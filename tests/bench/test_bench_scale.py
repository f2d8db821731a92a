"""The fleet that the scale bench sends is what daemons would send, and its report judges what came of it."""

import itertools

from bench.scale.fleet import returning, steady
from bench.scale.measure import Herd, Sent, Steady
from bench.scale.paths import Path
from bench.scale.report import PARTS, chapter


def test_each_node_beats_once_an_interval_at_a_moment_of_its_own() -> None:
    sending = steady(50, 90.0, seed=1)

    moments = [moment for moment, number in sending if number == 7]
    assert len(sending) == 150
    assert [round(later - earlier, 6) for earlier, later in itertools.pairwise(moments)] == [30.0, 30.0]


def test_after_an_outage_every_node_comes_back_within_an_interval_and_none_before_its_end() -> None:
    sending = returning(200, outage=60.0, seconds=90.0, seed=1)

    first = {number: moment for moment, number in reversed(sending)}
    assert set(first) == set(range(1, 201))
    assert 0 <= min(first.values()) <= max(first.values()) <= 30.0


def test_the_report_calls_a_missed_target_missed() -> None:
    shares = dict.fromkeys(PARTS, 0.1)
    slow = Steady(10_000, 600.0, Sent(posts=[300.0] * 100, errors=2), shares, dict.fromkeys(PARTS, 10**8), 0.2, 0)
    back = Herd(10_000, 60.0, Sent(posts=[20.0]), fresh_after=31.0, peak=1.2, false_offline=1)

    written = chapter([slow], [back], [Path("one node", 4.0, 2000)], [("CPU", "two cores")])

    assert "| 10,000 nodes: p99 of heartbeats | ≤ 250 ms | 300 ms | **not met** |" in written
    assert "| 10,000 nodes: failed heartbeats | 0 | 2 | **not met** |" in written
    assert "| 10,000 nodes after 60 s without web: all heard | ≤ 90 s | 31 s | met |" in written
    assert "| 10,000 nodes after 60 s without web: false offline | 0 | 1 | **not met** |" in written
    assert "| one node | 4.0 | 2 |" in written
