"""What people ask of agents, as they ask it."""

from typing import Any

from flask.testing import FlaskClient

from tests.fleet import CLUSTER


def ask(client: FlaskClient, method: str, path: str, expect: int, **said: Any) -> Any:
    """One call that must be answered with this status."""
    answer = client.open(f"{CLUSTER}{path}", method=method, json=said)
    assert answer.status_code == expect, answer.json
    return answer.json


def register(client: FlaskClient, agent_id: str = "reader", **said: Any) -> Any:
    """A new agent."""
    return ask(client, "POST", "/agents", 201, agentId=agent_id, **said)


def details(client: FlaskClient, agent_id: str = "reader") -> Any:
    """One agent with all that is known."""
    answer = client.get(f"{CLUSTER}/agents/{agent_id}")
    assert answer.status_code == 200, answer.json
    return answer.json
