"""Celery tasks: call one verb each. Names are a protocol, arguments are ids, everything has a limit."""

from app.tasks import celery_settings, fleet, jobs, presence, schedule

__all__ = ["celery_settings", "fleet", "jobs", "presence", "schedule"]
