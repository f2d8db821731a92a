"""What is too old to matter is forgotten, and nothing else."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import agents, jobs, retention
from app.services.agents import Activity
from tests.fleet import Fleet


def age(table: str, column: str, days: int) -> None:
    with db.engine.begin() as connection:
        past = timedelta(days=days)
        connection.execute(text(f"UPDATE {table} SET {column} = {column} - :past"), {"past": past})  # noqa: S608


def test_old_timelines_and_messages_of_agents_are_forgotten(fleet: Fleet) -> None:
    fleet.add()
    agents.record_activity(SYSTEM, Activity("writer", "idle"))
    age("node_transitions", "at", 91)
    age("agent_activity", "reported_at", 8)
    fleet.add("fresh")

    assert retention.forget_old() == 2
    assert (fleet.reasons(), fleet.reasons("fresh")) == ([], ["registered"])


def test_only_jobs_that_ended_are_forgotten(app: Flask, fleet: Fleet) -> None:
    for state in ("queued", "succeeded"):
        with db.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO jobs (id, kind, state, deadline, finished_at)"
                    " VALUES (gen_random_uuid(), 'ping', :state, now(), now() - interval '31 days')"
                ),
                {"state": state},
            )

    assert retention.forget_old() == 1
    assert jobs.end_overdue_jobs() == 1
