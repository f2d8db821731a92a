"""POST /api/engine/agent-status/:agentId, as existing agents send it every 30 s."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fleet import CLUSTER, Fleet


def say(client: FlaskClient, **said: Any) -> dict[str, Any]:
    answer = client.post("/api/engine/agent-status/a-1", json=said)
    assert (answer.status_code, answer.json) == (200, {"ok": True})
    return dict(client.get(f"{CLUSTER}/nodes/mac-mini").json["agentDetails"][0])


@pytest.fixture
def node(fleet: Fleet) -> None:
    """A node with one agent."""
    fleet.add(agents=("a-1",), managed=True)


def test_what_an_agent_says_is_shown_with_its_node(client: FlaskClient, node: None) -> None:
    shown = say(client, status="idle", activeSessions=3, clockedIn=True, currentActivity="Reading mail")
    assert shown == {
        "agentId": "a-1",
        "name": "a-1",
        "status": "idle",
        "activeSessions": 3,
        "clockedIn": True,
        "currentActivity": "Reading mail",
    }


def test_the_newest_message_counts(client: FlaskClient, node: None) -> None:
    say(client, status="online", activeSessions=3)
    shown = say(client, status="offline")
    assert (shown["status"], shown["activeSessions"], shown["currentActivity"]) == ("offline", 0, None)


@pytest.mark.parametrize(
    ("activity", "shown"),
    [
        (None, None),
        ("", None),
        ({"type": "email", "detail": "Answering Ann"}, "Answering Ann"),
        ({"type": "email"}, "email"),
        ("x" * 1000, "x" * 300),
        ("two\nlines\x00", "twolines"),
    ],
)
def test_an_activity_becomes_one_line(client: FlaskClient, node: None, activity: object, shown: str | None) -> None:
    assert say(client, currentActivity=activity)["currentActivity"] == shown


def test_an_agent_of_no_node_may_report_too(client: FlaskClient, fleet: Fleet) -> None:
    assert client.post("/api/engine/agent-status/stranger", json={}).json == {"ok": True}


@pytest.mark.parametrize(
    ("agent_id", "said"),
    [("a b", {}), ("a" * 129, {}), ("a%00", {}), ("a-1", {"status": "asleep"}), ("a-1", {"activeSessions": "many"})],
)
def test_what_cannot_be_is_refused(client: FlaskClient, agent_id: str, said: dict[str, Any]) -> None:
    answer = client.post(f"/api/engine/agent-status/{agent_id}", json=said)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_input")
