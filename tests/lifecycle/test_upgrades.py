"""Daemons are upgraded from the dashboard's API: one, or many with some that go first."""

from pathlib import Path

import pytest

from tests.fleet import until
from tests.journeys.control_plane import ControlPlane
from tests.lifecycle.places import Place, broken, ended, hand_out, program


def add(plane: ControlPlane, places: list[Place], folder: Path, *node_ids: str) -> list[Place]:
    made = []
    for node_id in node_ids:
        made.append(Place(folder / node_id, node_id))
        places.append(made[-1])
        made[-1].install(plane)
    return made


def versions(plane: ControlPlane) -> dict[str, str]:
    return {node["nodeId"]: node["version"] for node in plane.get("/nodes")[1]["nodes"]}


def test_a_node_is_upgraded_while_its_agents_go_on(plane: ControlPlane, places: list[Place], tmp_path: Path) -> None:
    [place] = add(plane, places, tmp_path, "one")
    agents = place.agents()
    assert plane.post("/nodes/one/upgrade")[1]["code"] == "node_not_fit"
    hand_out(plane, program("2"))

    status, answer = plane.post("/nodes/one/upgrade")
    job = ended(plane, answer["jobId"])

    assert (status, job["state"], job["message"]) == (202, "succeeded", "Upgraded from 1 to 2")
    assert versions(plane) == {"one": "2"}
    assert plane.get("/nodes/one")[1]["metadata"]["build"] == plane.get("/daemon-program")[1]["sha256"]
    assert place.agents() == agents


@pytest.mark.long
def test_many_are_upgraded_after_the_first_stayed_well(
    plane: ControlPlane, places: list[Place], tmp_path: Path
) -> None:
    add(plane, places, tmp_path, "n-a", "n-b", "n-c")
    hand_out(plane, program("2"))

    status, asked = plane.post("/upgrades", {"canary": 1, "watchSeconds": 2})
    job = ended(plane, asked["jobId"])

    assert (status, asked["nodes"]) == (202, ["n-a", "n-b", "n-c"])
    assert (job["state"], job["message"]) == ("succeeded", "3 nodes upgraded to 2")
    assert job["result"]["nodes"] == dict.fromkeys(asked["nodes"], "succeeded")
    assert versions(plane) == dict.fromkeys(asked["nodes"], "2")
    parts = plane.get(f"/jobs?parent={asked['jobId']}")[1]["jobs"]
    assert [part["nodeId"] for part in parts][-1] == "n-a"  # newest first


@pytest.mark.long
@pytest.mark.usefixtures("short_deadline")
def test_a_bad_build_stops_at_the_first_node_which_goes_back(
    plane: ControlPlane, places: list[Place], tmp_path: Path
) -> None:
    first, _ = add(plane, places, tmp_path, "n-a", "n-b")
    agents = first.agents()
    hand_out(plane, broken("3"))

    asked = plane.post("/upgrades", {"canary": 1, "watchSeconds": 0})[1]
    job = ended(plane, asked["jobId"], 120)

    assert (job["state"], job["code"]) == ("failed", "rollout_stopped"), job
    assert "n-a: Not upgraded, 1 goes on" in job["message"]
    assert "0 of 2 were upgraded, the rest was left as it is" in job["message"]
    assert job["result"]["nodes"] == {"n-a": "failed", "n-b": "not begun"}
    until(lambda: plane.get("/nodes/n-a")[1]["status"] != "offline")
    assert versions(plane) == {"n-a": "1", "n-b": "1"}
    assert first.agents() == agents


@pytest.mark.long
def test_two_upgrades_of_a_node_at_once_are_one(plane: ControlPlane, places: list[Place], tmp_path: Path) -> None:
    add(plane, places, tmp_path, "one")
    hand_out(plane, program("2"))

    first, second = plane.post("/nodes/one/upgrade"), plane.post("/nodes/one/upgrade")

    assert (first[0], second[0]) == (202, 409)
    assert second[1]["jobId"] == first[1]["jobId"]
    assert ended(plane, first[1]["jobId"])["state"] == "succeeded"
