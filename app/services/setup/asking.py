"""Ask for a setup: an order that waits, and the join token by which its script finds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from app.domain.deploying.request import DeployOrder
from app.domain.deploying.setup import Origin, SetupRefused
from app.domain.identity import secret
from app.domain.identity.actor import Actor
from app.domain.identity.joining import SENTENCES
from app.extensions import db
from app.models import Job, JoinToken
from app.services import daemon_program
from app.services.admission import join_tokens
from app.services.admission.join_tokens import JoinTokenView, Wanted
from app.services.setup import script
from app.services.transaction import transaction


@dataclass(frozen=True)
class Made:
    """A setup that waits for its script: the token's secret is shown this once."""

    token: JoinTokenView
    secret: str
    job_id: UUID


@dataclass(frozen=True)
class Setup:
    """What a join token was made for. The job begins with the first word of the script."""

    job_id: UUID
    order: DeployOrder
    enterprise_url: str
    origin: Origin
    asked_by: str

    @property
    def target(self) -> dict[str, Any]:
        """As the job's row keeps it."""
        return {**self.order.stored(), "enterprise_url": self.enterprise_url, "origin": self.origin}


def request_setup(
    order: DeployOrder, by: Actor, enterprise_url: str, *, minutes: int, replace: bool, origin: Origin
) -> Made:
    """Make the join token of a setup. Raises ProgramNotBuilt."""
    daemon_program.read()
    job_id = uuid4()
    kept = {"jobId": str(job_id), "order": order.stored(), "enterpriseUrl": enterprise_url, "origin": origin}
    note = f"{'Offline bundle' if origin is Origin.BUNDLE else 'Setup script'} for {order.node_id}"
    wanted = Wanted(order.node_id, order.capabilities or None, 1, minutes, note, replace)
    token, made = join_tokens.create(by, wanted)
    with transaction():
        db.session.execute(update(JoinToken).where(JoinToken.id == token.id).values(setup=kept))
    return Made(token, made, job_id)


def script_for(presented: str) -> str:
    """The script of a setup whose token was not used yet. Raises SetupRefused, ProgramNotBuilt."""
    setup = find(presented)
    return script.online(setup.job_id, setup.order, setup.enterprise_url, presented)


def find(presented: str) -> Setup:
    """The setup that a token was made for, while the token counts or a job has begun with it. Raises SetupRefused."""
    chosen = select(JoinToken, func.now()).where(JoinToken.fingerprint == secret.fingerprint(presented))
    with transaction():
        found = db.session.execute(chosen).one_or_none()
        if found is None or found[0].setup is None:
            raise SetupRefused(SENTENCES["unknown_token"])
        token, now = found
        kept: dict[str, Any] = found[0].setup
        job = db.session.get(Job, UUID(kept["jobId"]), populate_existing=True)
        if job is None and (fault := _fault(token, now)):
            raise SetupRefused(SENTENCES[fault])
        return Setup(
            UUID(kept["jobId"]),
            DeployOrder.from_stored(kept["order"]),
            kept["enterpriseUrl"],
            Origin(kept["origin"]),
            token.created_by,
        )


def _fault(token: JoinToken, now: datetime) -> str | None:
    causes = {"revoked": token.revoked_at is not None, "expired": token.expires_at <= now, "spent": token.uses_left < 1}
    return next((cause for cause, is_so in causes.items() if is_so), None)
