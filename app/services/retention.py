"""Forget what is too old to matter, so that no table grows for ever."""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func

from app.domain.jobs import ENDED
from app.extensions import db
from app.models import AgentActivity, Job, NodeCommand, NodeTransition
from app.services.transaction import transaction
from app.services.watching import metrics

JOBS_KEPT = timedelta(days=30)
TRANSITIONS_KEPT = timedelta(days=90)
ACTIVITY_KEPT = timedelta(days=7)


def forget_old() -> int:
    """Delete old jobs, commands, timeline entries, agents' messages and points of usage. Returns how many rows."""
    statements = (
        delete(Job).where(Job.state.in_(ENDED), Job.finished_at < func.now() - JOBS_KEPT),
        delete(NodeCommand).where(NodeCommand.finished_at < func.now() - JOBS_KEPT),
        delete(NodeTransition).where(NodeTransition.at < func.now() - TRANSITIONS_KEPT),
        delete(AgentActivity).where(AgentActivity.reported_at < func.now() - ACTIVITY_KEPT),
    )
    forgotten = 0
    for statement in statements:
        with transaction():
            forgotten += cast("CursorResult[Any]", db.session.execute(statement)).rowcount
    with transaction():
        return forgotten + metrics.forget_old()
