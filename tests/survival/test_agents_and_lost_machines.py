"""No agent runs twice and none is lost, counted from the processes themselves, while machines go and come back."""

import pytest

from tests.fleet import until
from tests.kit.fleets import LOOK
from tests.kit.proof import Proof
from tests.survival.town import Town, now

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
STOPPED_IN = 15.0  # a daemon ends an agent within this time after its lease, whether it ends by itself or not


def test_a_drain_moves_every_agent_and_at_no_look_runs_one_twice(town: Town, proof: Proof) -> None:
    node, deadline = town.fullest(), 120
    leaving = town.placed_on(node)
    others = town.processes_of([one for one in town.agent_ids if one not in leaving])
    began = now()

    status, asked = town.plane.post(f"/nodes/{node.node_id}/drain", {"deadlineSeconds": deadline})
    assert status == 202
    job = until(lambda: (found := town.plane.get(f"/jobs/{asked['jobId']}")[1])["finishedAt"] and found, deadline, LOOK)
    took = now() - began
    town.wait_moved(leaving, node, 5)
    town.plane.delete(f"/nodes/{node.node_id}/cordon")

    assert job["message"] == f"{len(leaving)} of {len(leaving)} agents moved away from {node.node_id}"
    assert town.copies.most() == 1
    assert others == town.processes_of(list(others))
    proof.row(
        f"Drain of a node with {len(leaving)} agents; {_fleet(town)}",
        f"all moved within {deadline} s, none at work twice at any look, none lost, the others untouched",
        f"{len(leaving)} moved in {took:.0f} s, twice 0, lost 0; {town.counted()}",
    )


def test_a_node_that_was_cut_off_keeps_the_agents_that_stay_and_comes_back_without_a_restart(
    town: Town, proof: Proof
) -> None:
    node = town.fullest()
    staying = town.processes_of(town.placed_on(node, "stay"))
    daemon = node.daemon.pid

    node.isolate()
    town.fleet.wait([node], "offline", 120)
    was_offline = now()
    node.rejoin()
    town.fleet.wait([node], "online", 40)
    back = now() - was_offline
    town.settle()

    for agent_id, pids in staying.items():
        assert town.copies.seen_since(agent_id, 0) >= pids == town.copies.of(agent_id)
    assert node.daemon.pid == daemon
    assert town.copies.most() == 1
    proof.row(
        f"Partition of a node, {len(staying)} agents that stay; {_fleet(town)}",
        "each keeps its process, the node is online again <= 35 s after the healing, by itself",
        f"{len(staying)} kept theirs, online after {back:.1f} s; {town.counted()}",
    )


def test_agents_of_a_machine_that_died_are_started_elsewhere_once_and_stay_single_when_it_is_back(
    town: Town, proof: Proof
) -> None:
    node = town.fullest()
    moving = town.placed_on(node, "move")

    node.stop()
    died = now()
    until(lambda: not any(town.copies.of(agent_id) for agent_id in moving), 5)
    town.wait_moved(moving, node, town.lease + 120)
    elsewhere = max(map(town.copies.started_at, moving)) - died
    node.boot()
    town.settle()

    assert elsewhere <= town.lease + 120
    assert town.copies.most() == 1
    proof.row(
        f"kill -9 of a machine's daemon and {len(moving)} agents that move; {_fleet(town)}",
        f"elsewhere <= lease ({town.lease} s) + 120 s, at no look two copies, one each when it is back",
        f"the last one after {elsewhere:.0f} s, twice 0, lost 0; {town.counted()}",
    )


def test_a_machine_that_was_cut_off_ends_its_copies_before_others_are_started_and_gives_them_up(
    town: Town, proof: Proof
) -> None:
    node = town.fullest()
    moving = town.processes_of(town.placed_on(node, "move"))
    node.isolate()
    cut = now()
    town.wait_moved(list(moving), node, town.lease + 120)
    heard = town.fleet.heard_at(node)
    ended = [town.copies.ended_at(agent_id, pids) - heard for agent_id, pids in moving.items()]
    started = [town.copies.started_at(agent_id) - heard for agent_id in moving]
    elsewhere = max(started) + heard - cut
    after = town.processes_of(list(moving))
    node.rejoin()
    town.fleet.wait([node], "online", 40)
    town.settle()

    assert max(ended) <= town.lease + STOPPED_IN
    assert min(started) - max(ended) > 0
    assert elsewhere <= town.lease + 120
    assert after == town.processes_of(list(moving))
    assert town.copies.most() == 1
    proof.row(
        f"A machine cut off the network, {len(moving)} agents that move; {_fleet(town)}",
        f"own end <= lease ({town.lease} s) + {STOPPED_IN:.0f} s, others start later, <= lease + 120 s, never two",
        f"ended {min(ended):.1f}-{max(ended):.1f} s and started {min(started):.1f}-{max(started):.1f} s "
        f"after the last accepted beat, {elsewhere:.0f} s after the cut, twice 0, lost 0; {town.counted()}",
    )


def _fleet(town: Town) -> str:
    return f"{len(town.nodes)} nodes, {len(town.agent_ids)} agents"
