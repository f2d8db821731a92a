"""What people ask of agents, as they ask it."""

from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import text

from app.extensions import db
from app.models import AgentRow
from app.services import jobs
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


def act(client: FlaskClient, action: str, agent_id: str = "reader", **said: Any) -> UUID:
    return UUID(ask(client, "POST", f"/agents/{agent_id}/{action}", 202, **said)["jobId"])


def end_of(job_id: UUID) -> tuple[str, str | None, str | None]:
    job = jobs.get_job(job_id)
    return job.state, job.code, job.message


def overdue(job_id: UUID) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET deadline = now() - interval '1 s' WHERE id = :id"), {"id": job_id})


def row(agent_id: str = "reader") -> AgentRow:
    found = db.session.get(AgentRow, agent_id, populate_existing=True)
    assert found is not None
    return found
