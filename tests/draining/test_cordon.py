"""POST and DELETE /nodes/:id/cordon: a node takes no new agents, with a note and perhaps an end."""

from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.nodes.node import iso
from app.extensions import db
from app.models import AuditEntry
from app.services import draining
from tests.agents.orders import ask, register
from tests.draining.conftest import Machines
from tests.fleet import CLUSTER


def in_minutes(minutes: float) -> str:
    return iso(datetime.now(UTC) + timedelta(minutes=minutes))


def test_a_cordoned_node_takes_no_agent_and_says_why(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    until = in_minutes(30)
    node = ask(client, "POST", "/nodes/n1/cordon", 200, note="new disk", until=until)
    assert node["schedulable"] is False
    assert node["cordon"] == {
        "note": "new disk",
        "until": until,
        "by": "anybody (sign-in is off)",
        "since": node["cordon"]["since"],
    }
    assert client.get(f"{CLUSTER}/nodes/n1").json["cordon"] == node["cordon"]
    assert ask(client, "POST", "/agents", 409, agentId="a")["reasons"] == [{"nodeId": "n1", "reason": "is cordoned"}]


def test_a_heartbeat_keeps_the_cordon_in_what_is_shown(client: FlaskClient, machines: Machines) -> None:
    fleet = machines("n1")
    ask(client, "POST", "/nodes/n1/cordon", 200, note="x")
    fleet.beat("n1", cpuUsage=0.5)
    assert fleet.node("n1").cordon is not None


def test_its_end_lets_agents_come_again(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    ask(client, "POST", "/nodes/n1/cordon", 200)
    node = ask(client, "DELETE", "/nodes/n1/cordon", 200)
    assert (node["schedulable"], node["cordon"]) == (True, None)
    assert register(client)["nodeId"] == "n1"


def test_a_second_cordon_changes_the_note_and_keeps_its_beginning(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    first = ask(client, "POST", "/nodes/n1/cordon", 200, note="a")["cordon"]
    second = ask(client, "POST", "/nodes/n1/cordon", 200, note="b")["cordon"]
    assert second == {**first, "note": "b"}


def test_a_cordon_ends_by_itself_when_its_time_is_over(client: FlaskClient, machines: Machines) -> None:
    machines("n1", "n2")
    for node_id in ("n1", "n2"):
        ask(client, "POST", f"/nodes/{node_id}/cordon", 200, until=in_minutes(5))
    over = "UPDATE cluster_nodes SET cordon = cordon || jsonb_build_object('until', now()::text) WHERE node_id = 'n1'"
    with db.engine.begin() as connection:
        connection.execute(text(over))
    assert (draining.end_cordons(), draining.end_cordons()) == (1, 0)
    shown = {node["nodeId"]: node["schedulable"] for node in client.get(f"{CLUSTER}/nodes").json["nodes"]}
    assert shown == {"n1": True, "n2": False}
    assert AuditEntry.query.filter_by(action="node.uncordon").one().actor_kind == "system"


def test_an_end_that_is_over_is_refused(client: FlaskClient, machines: Machines) -> None:
    machines("n1")
    for until in (in_minutes(-1), in_minutes(600_000), "soon"):
        assert "until" in ask(client, "POST", "/nodes/n1/cordon", 400, until=until)["fields"]
    assert ask(client, "POST", "/nodes/nobody/cordon", 404)["code"] == "unknown_node"
