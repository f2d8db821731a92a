"""Agents: what should run where, and what they say about themselves."""

from app.services.agents import acts, braking, losing
from app.services.agents.activity import Activity, record_activity
from app.services.agents.acts import Asked, request, request_many
from app.services.agents.assignments import Assigned, assignments_of
from app.services.agents.choosing import chosen
from app.services.agents.logs import request_logs, take
from app.services.agents.reading import AgentDetails, AgentView, EventView, get_agent
from app.services.agents.registering import adopt, change, register, remove

__all__ = [
    "Activity",
    "AgentDetails",
    "AgentView",
    "Asked",
    "Assigned",
    "EventView",
    "adopt",
    "assignments_of",
    "change",
    "chosen",
    "get_agent",
    "record_activity",
    "register",
    "remove",
    "request",
    "request_logs",
    "request_many",
    "sweep",
    "take",
]


def sweep() -> None:
    """What happens to agents because time passed."""
    acts.sweep()
    losing.move_from_lost_nodes()
    braking.sweep()
