"""Nodes that are far away, behind lines that lose, delay, double and reorder what they carry."""

import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from config import Settings
from tests.kit.fleets import Nodes, a_fleet
from tests.kit.hosts import obstacle
from tests.kit.link import Link, Way
from tests.kit.proof import SEED, Proof

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(bool(obstacle()), reason=f"nodes need root and namespaces: {obstacle()}"),
]
FAR = Way(delay=0.3, jitter=0.1, lost=0.3, doubled=0.1, overtake=0.1, bits_per_second=64_000)
# Four seconds of silence are nothing on such a line: only the promised times can be kept.
PROMISED = {"HEARTBEAT_INTERVAL": "30", "OFFLINE_AFTER": "90", "STALE_CHECK_INTERVAL": "15", "DEAF_AFTER": "15"}


def test_f17_nodes_behind_bad_lines_stay_online(tmp_path: Path, settings: Settings, proof: Proof) -> None:
    count, seconds = proof.count(full=20, small=4), proof.count(full=1800, small=120)
    with a_fleet(tmp_path, settings, "links", count, **PROMISED) as fleet, ExitStack() as laid:
        links = [laid.enter_context(Link(node, FAR, seed=SEED + number)) for number, node in enumerate(fleet.nodes)]
        longest = longest_silence(fleet, seconds)
        flips = fleet.ask("SELECT node_id, reason FROM node_transitions WHERE to_status = 'offline'")
        carried, dropped = sum(link.packets for link in links), sum(link.dropped for link in links)
        failures = sum(node.log.count("did not take the report") for node in fleet.nodes)

    assert dropped > 0.2 * carried
    assert flips == []
    proof.row(
        f"F17 {count} nodes behind lines with 30 % loss, 300 +- 100 ms, 10 % doubled, 10 % reordered, 64 kbit/s, "
        f"for {seconds} s",
        "0 false offline",
        f"0; the longest silence of a node {longest:.1f} s; {dropped} of {carried} packets lost, "
        f"{failures} warnings of daemons that were not heard",
    )


def longest_silence(fleet: Nodes, seconds: float) -> float:
    """Seconds that any node was not heard, at most, while so many pass."""
    longest, ends = 0.0, time.monotonic() + seconds
    sql = "SELECT max(extract(epoch FROM clock_timestamp() - last_heartbeat))::float8 FROM cluster_nodes"
    while time.monotonic() < ends:
        [(silence,)] = fleet.ask(sql)
        longest = max(longest, silence)
        time.sleep(1)  # between two looks
    return longest
