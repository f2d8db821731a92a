"""GET, PUT and DELETE /brake: agents are paused everywhere, and every node says when it has done it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.upkeep.brake import Brake, paused
from app.services import agents
from tests.agents.conftest import Machines
from tests.agents.orders import ask, register
from tests.fleet import Fleet

OFF = {
    "braked": False,
    "scope": None,
    "note": "",
    "by": None,
    "at": None,
    "confirmed": [],
    "waiting": [],
    "unreachable": [],
}


def brake(client: FlaskClient, scope: object = "all", **said: Any) -> Any:
    return ask(client, "PUT", "/brake", 200, scope=scope, **said)


def get(client: FlaskClient) -> Any:
    return ask(client, "GET", "/brake", 200)


def told(client: FlaskClient, node_id: str) -> tuple[Any, Any]:
    answer = ask(client, "GET", f"/nodes/{node_id}/assignments", 200)
    return answer["paused"], answer["pausedAgents"]


def carry_out(fleet: Fleet, *node_ids: str) -> None:
    """Each node hears of its revision with one heartbeat, and says with the next that it is done."""
    for node_id in node_ids:
        fleet.beat(node_id, assignments=fleet.beat(node_id, assignments=0).assignments or 0)


def test_it_is_off_until_somebody_puts_it_on(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    assert get(client) == OFF
    assert told(client, "n1") == (False, [])


def test_every_node_is_told_with_its_next_heartbeat_and_confirms(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1", "n2")
    fleet.add("plain")
    made = brake(client, note="runaway")
    assert {key: made[key] for key in ("braked", "scope", "note", "by")} == {
        "braked": True,
        "scope": "all",
        "note": "runaway",
        "by": "anybody (sign-in is off)",
    }
    assert (made["confirmed"], made["waiting"], made["unreachable"]) == ([], ["n1", "n2"], ["plain"])
    assert fleet.beat("n1", assignments=0).assignments == 1
    assert told(client, "n1") == ({"since": made["at"], "by": made["by"]}, "all")
    carry_out(fleet, "n1")
    assert (get(client)["confirmed"], get(client)["waiting"]) == (["n1"], ["n2"])


def test_it_goes_on_when_the_brake_is_taken_off(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1")
    brake(client)
    carry_out(fleet, "n1")
    assert ask(client, "DELETE", "/brake", 200) == OFF
    assert fleet.beat("n1", assignments=1).assignments == 2
    assert told(client, "n1") == (False, [])
    assert ask(client, "DELETE", "/brake", 200) == OFF


def test_a_tag_pauses_only_the_agents_that_have_it(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1", "n2")
    register(client, "mail", nodeId="n1", tags=["mail", "big"])
    register(client, "calm", nodeId="n1")
    made = brake(client, {"tag": "mail"})
    assert (made["scope"], made["waiting"], made["unreachable"]) == ({"tag": "mail"}, ["n1"], [])
    assert told(client, "n1") == (False, ["mail"])
    assert fleet.beat("n2", assignments=0).assignments is None


def test_what_gets_the_tag_later_is_paused_too(client: FlaskClient, machines: Machines) -> None:
    machines("n1", "n2")
    brake(client, {"tag": "mail"})
    register(client, "late", nodeId="n2", tags=["mail"])
    assert told(client, "n2") == (False, ["late"])
    agents.sweep()
    assert get(client)["waiting"] == ["n2"]


def test_a_node_that_comes_later_is_told_by_the_next_check(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    brake(client)
    fleet = machines("n2")
    agents.sweep()
    agents.sweep()
    assert fleet.beat("n2", assignments=0).assignments == 1
    assert get(client)["waiting"] == ["n1", "n2"]


def test_a_new_brake_takes_the_place_of_the_old_one(client: FlaskClient, machines: Machines) -> None:
    machines("n1", "n2")
    register(client, "mail", nodeId="n1", tags=["mail"])
    brake(client)
    assert brake(client, {"tag": "mail"})["waiting"] == ["n1"]
    assert (told(client, "n1"), told(client, "n2")) == ((False, ["mail"]), (False, []))


@pytest.mark.parametrize("scope", [None, "some", {"tag": "Not a tag"}, {"tag": 1}, {}, ["all"]])
def test_a_scope_that_means_nothing_is_refused(client: FlaskClient, scope: object) -> None:
    assert "scope" in ask(client, "PUT", "/brake", 400, scope=scope)["fields"]


@pytest.mark.parametrize(
    ("tag", "tags", "held"), [(None, [], True), (None, ["a"], True), ("a", ["b", "a"], True), ("a", ["b"], False)]
)
def test_what_a_brake_holds(tag: str | None, tags: list[str], held: bool) -> None:
    brake = Brake(tag, "", "ada", "2026-11-24T10:00:00.000Z")
    assert brake.holds(tags) is held
    assert (paused(brake, {"x": tags})["pausedAgents"] in ("all", ["x"])) is held
