"""Agents: what should run where, and what they say about themselves."""

from app.services.agents.activity import Activity, record_activity
from app.services.agents.assignments import Assigned, assignments_of

__all__ = ["Activity", "Assigned", "assignments_of", "record_activity"]
