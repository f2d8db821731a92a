"""Nodes that the control plane cannot hear, or that cannot hear it: one, most, all of them."""

import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from config import Settings
from tests.fleet import until
from tests.kit.fleets import Nodes, a_fleet
from tests.kit.hosts import obstacle
from tests.kit.nodes import Node
from tests.kit.proof import FULL, Proof

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(obstacle()), reason=f"nodes need root and namespaces: {obstacle()}"),
]
# Seconds without a heartbeat until a node is found offline, and from the healing until it is online.
EARLIEST, LATEST, BACK = (90, 105, 35) if FULL else (4, 8, 15)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[Nodes]:
    with a_fleet(tmp_path_factory.mktemp("network"), settings, "network", 10) as made:
        yield made


def lost_and_back(
    fleet: Nodes, hit: Sequence[Node], cut: Callable[[], None], heal: Callable[[], None]
) -> tuple[list[float], float]:
    """After how much silence each was found offline, and how long all of them took to be back."""
    fleet.wait_online()
    cut()
    fleet.wait(hit, "offline", LATEST + 60)
    until(lambda: len(fleet.silent()) == len(hit), LATEST)  # announced, not only shown
    silences = fleet.silences(hit)
    heal()
    began = time.monotonic()
    fleet.wait_online(120)
    return silences, time.monotonic() - began


def test_f16_a_node_that_is_cut_off_and_one_that_hears_no_answer_are_offline_in_time_and_the_others_untouched(
    fleet: Nodes, proof: Proof
) -> None:
    first, second, *others = fleet.nodes
    before = {node.node_id: fleet.plane.reasons(node.node_id) for node in others}

    def cut() -> None:
        first.isolate()
        second.deafen()

    def heal() -> None:
        first.rejoin()
        second.undeafen()

    silences, back = lost_and_back(fleet, (first, second), cut, heal)

    assert min(silences) >= EARLIEST
    assert max(silences) <= LATEST
    assert back <= BACK
    assert before == {node.node_id: fleet.plane.reasons(node.node_id) for node in others}
    _row(proof, "F16 one node cut off, and one whose answers are lost", silences, back, "8 others: no transition")


def test_f16_60_percent_cut_off_is_said_to_be_one_event(fleet: Nodes, proof: Proof) -> None:
    _cut_many(fleet, fleet.nodes[:6], proof, "F16 60 % of the nodes cut off")


def test_f16_all_cut_off_is_said_to_be_one_event(fleet: Nodes, proof: Proof) -> None:
    _cut_many(fleet, fleet.nodes, proof, "F16 all nodes cut off")


def _cut_many(fleet: Nodes, hit: Sequence[Node], proof: Proof, what: str) -> None:
    outages: list[int] = []

    def heal() -> None:
        outages.extend(row[0] for row in fleet.ask("SELECT mass_outage_nodes FROM control_plane"))
        for node in hit:
            node.rejoin()

    silences, back = lost_and_back(fleet, hit, lambda: [node.isolate() for node in hit], heal)

    assert min(silences) >= EARLIEST
    assert max(silences) <= LATEST
    assert back <= BACK
    assert outages == [len(hit)]
    until(lambda: fleet.ask("SELECT mass_outage_since FROM control_plane") == [(None,)], 60)
    _row(proof, what, silences, back, f"one mass outage of {outages[0]} nodes, over after the healing")


def _row(proof: Proof, what: str, silences: list[float], back: float, more: str) -> None:
    proof.row(
        f"{what}, of 10",
        f"offline {EARLIEST}-{LATEST} s after the last accepted beat, online <= {BACK} s after the healing",
        f"{min(silences):.1f}-{max(silences):.1f} s, {back:.1f} s; {more}",
    )
