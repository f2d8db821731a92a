"""Drains: asked for, worked off by the nodes, and what came of them."""

from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import text

from app.extensions import db
from app.services import draining, jobs
from app.services.jobs import JobView
from tests.agents.machine import Machine
from tests.agents.orders import ask


def drain(client: FlaskClient, node_id: str = "n1", **said: object) -> UUID:
    """Ask for it, and do what the Celery worker would do at once."""
    job_id = UUID(ask(client, "POST", f"/nodes/{node_id}/drain", 202, **said)["jobId"])
    draining.go_on()
    return job_id


def end_of(job_id: UUID) -> JobView:
    return jobs.get_job(job_id)


def places() -> dict[str, str | None]:
    with db.engine.connect() as connection:
        return {row.agent_id: row.node_id for row in connection.execute(text("SELECT agent_id, node_id FROM agents"))}


def work(*machines: Machine) -> None:
    for _ in range(4):
        for machine in machines:
            machine.beat()
