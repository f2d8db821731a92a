"""Forget what is too old to matter, so that no table grows for ever."""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func

from app.domain.jobs import ENDED
from app.extensions import db
from app.models import (
    AgentActivity,
    ApiToken,
    ClosedQuestion,
    Job,
    JoinToken,
    Knock,
    NodeCommand,
    NodeCredential,
    NodeTransition,
    Refusal,
    Session,
    SignInGuess,
    SignInLink,
)
from app.services.admission import waiting_room
from app.services.transaction import transaction
from app.services.watching import metrics

JOBS_KEPT = timedelta(days=30)
TRANSITIONS_KEPT = timedelta(days=90)
ACTIVITY_KEPT = timedelta(days=7)
REFUSALS_KEPT = timedelta(days=30)
JOIN_TOKENS_KEPT = timedelta(days=90)
API_TOKENS_KEPT = timedelta(days=90)  # after their end
GUESSES_KEPT = timedelta(hours=1)
# A removed node is told so for this long; then its credential is simply not known.
CREDENTIALS_KEPT = timedelta(days=400)


def forget_old() -> int:
    """Delete old jobs, commands, timeline entries, agents' messages and points of usage. Returns how many rows."""
    statements = (
        delete(Job).where(Job.state.in_(ENDED), Job.finished_at < func.now() - JOBS_KEPT),
        delete(NodeCommand).where(NodeCommand.finished_at < func.now() - JOBS_KEPT),
        delete(NodeTransition).where(NodeTransition.at < func.now() - TRANSITIONS_KEPT),
        delete(Refusal).where(Refusal.last_at < func.now() - REFUSALS_KEPT),
        delete(Knock).where(Knock.last_at < func.now() - waiting_room.WAITS),
        delete(JoinToken).where(JoinToken.expires_at < func.now() - JOIN_TOKENS_KEPT),
        delete(NodeCredential).where(NodeCredential.revoked_at < func.now() - CREDENTIALS_KEPT),
        delete(NodeCredential).where(
            NodeCredential.revoked_because == "replaced", NodeCredential.revoked_at < func.now() - TRANSITIONS_KEPT
        ),
        delete(Session).where(Session.expires_at < func.now()),
        delete(SignInLink).where(SignInLink.expires_at < func.now()),
        delete(SignInGuess).where(SignInGuess.times[func.cardinality(SignInGuess.times)] < func.now() - GUESSES_KEPT),
        delete(ApiToken).where(ApiToken.expires_at < func.now() - API_TOKENS_KEPT),
        delete(ClosedQuestion).where(ClosedQuestion.closed_at < func.now() - TRANSITIONS_KEPT),
        delete(AgentActivity).where(AgentActivity.reported_at < func.now() - ACTIVITY_KEPT),
    )
    forgotten = 0
    for statement in statements:
        with transaction():
            forgotten += cast("CursorResult[Any]", db.session.execute(statement)).rowcount
    with transaction():
        return forgotten + metrics.forget_old()
