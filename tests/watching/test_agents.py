"""The agents of the whole fleet: state, search, order, pages."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.agents.spec import AgentSpec
from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import agents
from app.services.agents import Activity
from tests.fleet import CLUSTER, Fleet


def detail(agent_id: str, **said: Any) -> dict[str, Any]:
    return {"agentId": agent_id, "state": "running", **said}


def read(client: FlaskClient, **query: Any) -> Any:
    answer = client.get(f"{CLUSTER}/agents", query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


def ids(client: FlaskClient, **query: Any) -> list[str]:
    return [agent["agentId"] for agent in read(client, **query)["agents"]]


@pytest.fixture
def busy(fleet: Fleet) -> Fleet:
    """A managed node with three agents, one that crash-loops; and one whose agent beats for itself."""
    fleet.add("mac-mini", name="Office Mac", managed=True)
    writer = detail(
        "writer",
        name="Writer",
        role="Author",
        cpuUsage=0.25,
        memoryMb=300,
        restarts=2,
        startedAt="2026-11-23T10:00:00Z",
    )
    editor = detail("editor", role="author", cpuUsage=0.5, startedAt="2026-11-23T11:00:00Z")
    broken = detail("broken", state="crash_looping", restarts=9)
    fleet.beat(scope="node", agents=["writer", "editor"], agentDetails=[writer, editor, broken])
    fleet.add("vps-1")
    fleet.beat("vps-1", agents=["lone"])
    agents.record_activity(SYSTEM, Activity("lone", "idle", current_activity="Reading mail"))
    return fleet


def test_an_agent_is_shown_with_its_node_and_what_it_said(client: FlaskClient, busy: Fleet) -> None:
    found = {agent["agentId"]: agent for agent in read(client)["agents"]}
    assert found["writer"] == {
        "agentId": "writer",
        "name": "Writer",
        "role": "Author",
        "state": "running",
        "lastState": "running",
        "nodeId": "mac-mini",
        "nodeName": "Office Mac",
        "nodeStatus": "online",
        "cpuUsage": 0.25,
        "memoryMb": 300,
        "restarts": 2,
        "startedAt": "2026-11-23T10:00:00Z",
        "status": None,
        "currentActivity": None,
        "waiting": None,
        "progress": None,
        "exit": None,
        "managed": False,
        "wanted": None,
        "epoch": None,
        "tags": [],
        "onNodeLoss": None,
        "movingTo": None,
        "needs": None,
    }
    lone = found["lone"]
    assert (lone["name"], lone["role"], lone["state"]) == ("lone", None, "running")
    assert (lone["status"], lone["currentActivity"]) == ("idle", "Reading mail")
    assert found["broken"]["state"] == "crash_looping"


def test_on_a_node_that_is_offline_nobody_can_tell(client: FlaskClient, busy: Fleet) -> None:
    busy.silence("mac-mini", 91)
    found = {agent["agentId"]: (agent["state"], agent["lastState"]) for agent in read(client)["agents"]}
    assert found == {
        "broken": ("unknown", "crash_looping"),
        "editor": ("unknown", "running"),
        "writer": ("unknown", "running"),
        "lone": ("running", "running"),
    }
    assert ids(client, q="state:unknown") == ["broken", "editor", "writer"]


def test_an_agent_that_no_longer_reports_itself_drops_off(client: FlaskClient, busy: Fleet) -> None:
    busy.age_agent("vps-1", "lone", 91)
    assert "lone" not in ids(client)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("state:crash", ["broken"]),
        ("state:running,crash", ["broken", "editor", "lone", "writer"]),
        ("-state:running", ["broken"]),
        ("node:office", ["broken", "editor", "writer"]),
        ("node:vps-1", ["lone"]),
        ("role:author", ["editor", "writer"]),
        ("cpu:>30", ["editor"]),
        ("mem:>=300", ["writer"]),
        ("restarts:>1", ["broken", "writer"]),
        ("status:idle", ["lone"]),
        ("mail", ["lone"]),
        ("mac wri", ["writer"]),
        ("id:ed", ["editor"]),
        ("name:lone", ["lone"]),
    ],
)
def test_what_is_asked_is_found(client: FlaskClient, busy: Fleet, q: str, found: list[str]) -> None:
    assert sorted(ids(client, q=q)) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("state", ["broken", "editor", "lone", "writer"]),
        ("-name", ["writer", "lone", "editor", "broken"]),
        ("cpu", ["editor", "writer", "broken", "lone"]),
        ("restarts", ["broken", "writer", "editor", "lone"]),
        ("-restarts", ["writer", "broken", "editor", "lone"]),
        ("started", ["editor", "writer", "broken", "lone"]),
        ("node", ["broken", "editor", "writer", "lone"]),
    ],
)
def test_lists_have_an_order(client: FlaskClient, busy: Fleet, sort: str, found: list[str]) -> None:
    assert ids(client, sort=sort) == found


def test_pages_follow_each_other_without_loss(client: FlaskClient, busy: Fleet) -> None:
    first = read(client, limit=3, sort="name")
    rest = read(client, limit=3, sort="name", cursor=first["nextCursor"])
    names = [agent["agentId"] for page in (first, rest) for agent in page["agents"]]
    assert (names, first["matched"], rest["nextCursor"]) == (["broken", "editor", "lone", "writer"], 4, None)


def test_an_agent_on_two_nodes_is_there_twice(client: FlaskClient, busy: Fleet) -> None:
    busy.beat("vps-1", agents=["writer"])
    assert [a["nodeId"] for a in read(client, q="id:writer")["agents"]] == ["mac-mini", "vps-1"]


def test_an_unchanged_list_costs_a_304(client: FlaskClient, busy: Fleet) -> None:
    answer = client.get(f"{CLUSTER}/agents")
    again = client.get(f"{CLUSTER}/agents", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"q": "colour:red"}, "no key that we know"),
        ({"q": "managed:perhaps"}, "must be yes or no"),
        ({"q": "cpu:hot"}, "needs a number"),
        ({"sort": "beauty"}, "is not an order"),
        ({"cursor": "!"}, "cursor is not valid"),
        ({"limit": "0"}, "must be 1-1000"),
    ],
)
def test_nonsense_is_a_400_with_a_sentence(client: FlaskClient, query: dict[str, str], sentence: str) -> None:
    answer = client.get(f"{CLUSTER}/agents", query_string=query)
    assert answer.status_code == 400
    assert sentence in answer.json["error"]


@pytest.fixture
def placed(busy: Fleet) -> Fleet:
    """Beside what is seen: an agent that was adopted, one that its node does not report yet, and one without a node."""
    busy.beat(assignments=0)
    agents.adopt(SYSTEM, "writer")
    agents.register(SYSTEM, AgentSpec("fresh", tags=("mail",)))
    agents.register(SYSTEM, AgentSpec("lost"))
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE agents SET node_id = NULL WHERE agent_id = 'lost'"))
    return busy


def test_an_agent_is_shown_with_what_it_should_be(client: FlaskClient, placed: Fleet) -> None:
    found = {agent["agentId"]: agent for agent in read(client)["agents"]}
    shown = {name: (a["managed"], a["state"], a["wanted"], a["nodeId"], a["epoch"]) for name, a in found.items()}
    assert shown["writer"] == (True, "running", "running", "mac-mini", 0)
    assert shown["fresh"] == (True, "starting", "running", "mac-mini", 1)
    assert shown["lost"] == (True, "unplaced", "running", "", 1)
    assert shown["lone"] == (False, "running", None, "vps-1", None)


def test_an_agent_that_its_node_no_longer_reports_is_missing(client: FlaskClient, placed: Fleet) -> None:
    placed.beat(scope="node", agents=[])
    assert ids(client, q="state:missing") == ["writer"]
    placed.silence("mac-mini", 91)
    assert ids(client, q="state:unknown") == ["fresh", "writer"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("managed:yes", ["fresh", "lost", "writer"]),
        ("managed:no", ["broken", "editor", "lone"]),
        ("tag:mail", ["fresh"]),
        ("wanted:run state:unplaced", ["lost"]),
        ("waiting:yes", []),
    ],
)
def test_what_agents_should_be_is_found_too(client: FlaskClient, placed: Fleet, q: str, found: list[str]) -> None:
    assert sorted(ids(client, q=q)) == found


def test_how_a_process_ended_is_shown(client: FlaskClient, placed: Fleet) -> None:
    ended = detail("writer", state="stopped", exitCode=-9, exitedAt="2026-11-23T12:00:00Z")
    placed.beat(scope="node", agents=["x", "y"], agentDetails=[ended])
    [writer] = read(client, q="id:writer")["agents"]
    assert (writer["state"], writer["exit"]) == ("stopped", {"code": -9, "at": "2026-11-23T12:00:00Z"})
