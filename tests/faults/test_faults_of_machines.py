"""Machines whose clock is wrong or whose disk is full."""

import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from config import Settings
from tests.faults.web import skewed
from tests.fleet import until
from tests.kit.copies import COMMAND, Copies
from tests.kit.fleets import LOOK, Nodes, a_fleet
from tests.kit.hosts import obstacle
from tests.kit.nodes import Node
from tests.kit.proof import SEED, Proof

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(obstacle()), reason=f"nodes need root and namespaces: {obstacle()}"),
]
HOURS = 2


def issues(fleet: Nodes, node: Node) -> set[str]:
    """Codes of the node's issues."""
    return {issue["code"] for issue in fleet.plane.get(f"/nodes/{node.node_id}")[1].get("issues", ())}


def test_f18_a_clock_that_is_wrong_or_jumps_is_an_issue_and_takes_nobody_offline(
    tmp_path: Path, settings: Settings, proof: Proof
) -> None:
    skew, jumps = tmp_path / "skew", proof.count(full=40, small=4)
    skew.write_text("0")
    make = partial(Node, **skewed(skew))
    with a_fleet(tmp_path, settings, "clock", 3, make) as fleet:
        for hours in (HOURS, -HOURS):
            skew.write_text(str(hours * 3600))
            until(lambda: all("clock_skew" in issues(fleet, node) for node in fleet.nodes), 150, LOOK)
        for turn in range(jumps):
            skew.write_text(str((-1) ** (turn + SEED) * HOURS * 3600))
            time.sleep(1)  # between two jumps
        skew.write_text("0")
        until(lambda: not any("clock_skew" in issues(fleet, node) for node in fleet.nodes), 150, LOOK)
        seen = {reason for node in fleet.nodes for reason in fleet.plane.reasons(node.node_id)}
        assert fleet.online() == 3

    assert not seen & {"silent", "conflict"}
    proof.row(
        f"F18 clocks of 3 nodes wrong by +{HOURS} h and -{HOURS} h, then {jumps} jumps from one to the other",
        "0 offline; named as an issue; gone with the fault",
        f"0; {', '.join(sorted(seen))}",
    )


def test_f19_a_full_disk_is_an_issue_costs_no_identity_and_ends_no_agent(
    tmp_path: Path, settings: Settings, proof: Proof
) -> None:
    lease = 30
    with a_fleet(tmp_path, settings, "disk", 1, partial(Node, state_kb=512)) as fleet, Copies(["keeper"]) as copies:
        [node] = fleet.nodes
        body = {"agentId": "keeper", "command": COMMAND, "onNodeLoss": "move", "leaseSeconds": lease}
        until(lambda: fleet.plane.post("/agents", body)[0] == 201, 20, LOOK)
        until(lambda: len(copies.of("keeper")) == 1, 20)
        kept = copies.of("keeper")
        machine = node.file(node.state / "daemon" / "machine.json").read_bytes()
        filler = node.file(node.state / "filler")
        _fill(filler)
        full_since = time.monotonic()
        until(lambda: "disk_nearly_full" in issues(fleet, node), 150, LOOK)
        until(
            lambda: time.monotonic() - full_since > lease + 20, lease + 30
        )  # longer than whoever watches leases waits

        assert fleet.plane.status_of(node.node_id)[0] == "degraded"
        assert copies.of("keeper") == kept
        node.daemon.kill()
        node.start_daemon()
        until(lambda: "duplicate_node_id" not in issues(fleet, node) and fleet.online() == 1, 30, LOOK)
        assert node.file(node.state / "daemon" / "machine.json").read_bytes() == machine
        filler.unlink()
        until(lambda: "disk_nearly_full" not in issues(fleet, node), 150, LOOK)
        assert copies.seen_since("keeper", 0) == kept
        seen = fleet.plane.reasons(node.node_id)

    assert not {"silent", "conflict"} & set(seen)
    proof.row(
        f"F19 the disk of a node's state folder full for {lease + 20} s and over a kill -9 of its daemon",
        "goes on beating, named as an issue, its machine id kept, its leased agent untouched",
        f"{', '.join(seen)}; the agent kept its process",
    )


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
