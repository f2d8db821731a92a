"""A machine becomes a node: a join token is exchanged for a credential, and a credential for the one after it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from app.domain.errors import CredentialRefused, ForeignCredential, JoinRefused, NotPermitted
from app.domain.identity import secret
from app.domain.identity.actor import Actor, ActorKind
from app.domain.identity.audit import Result
from app.domain.identity.credential import RENEWABLE, fault
from app.domain.identity.joining import MAY_WAIT, SENTENCES, JoinRequest, refusal_cause
from app.extensions import db
from app.models import JoinToken, NodeCredential
from app.services import audit
from app.services.admission import credentials, misuse, refusals, waiting_room
from app.services.transaction import transaction


@dataclass(frozen=True)
class Joined:
    """A node's credential: until when it counts."""

    node_id: str
    credential_id: UUID
    expires_at: datetime | None


def join(by: Actor, said: JoinRequest) -> Joined:
    """Let a machine become a node. Repeated with the same secret after a lost answer, it gives the same answer.

    Raises JoinRefused, with the cause and the code under which people find the refusal.
    """
    with transaction():
        credentials.take_turn(said.node_id)
        outcome = _known(said) or _exchange(by, said)
    if isinstance(outcome, Joined):
        return outcome
    raise _refuse(by, said, outcome)


def renew(by: Actor, presented: str, node_id: str, secret_hash: bytes) -> Joined:
    """Give a node its next credential, for the present one or for one that has expired not too long ago.

    The present one counts until the next one is used. Repeated with the same secret it gives the same answer.
    Raises CredentialRefused, NodeRemoved, ForeignCredential or NotPermitted.
    """
    try:
        return _renew(by, presented, node_id, secret_hash)
    except ForeignCredential as refusal:
        misuse.write_down(by, "credential.renew", node_id, refusal)
        raise


def _renew(by: Actor, presented: str, node_id: str, secret_hash: bytes) -> Joined:
    with transaction():
        credentials.take_turn(node_id)
        old = _renewable(presented, node_id)
        made = db.session.scalar(select(NodeCredential).where(NodeCredential.fingerprint == secret_hash))
        if made is None:
            _withdraw_unused(node_id, old.id)
            made = credentials.make(node_id, secret_hash, old.kind, old.capabilities, old.join_token_id)
            audit.record(replace(by, kind=ActorKind.NODE, id=node_id, name=node_id), "credential.renew", node_id)
        elif made.node_id != node_id or made.revoked_at is not None:
            raise CredentialRefused("revoked")
        return Joined(node_id, made.id, made.expires_at)


def _known(said: JoinRequest) -> Joined | str | None:
    """What this secret has become already, if it was sent before."""
    made = db.session.scalar(select(NodeCredential).where(NodeCredential.fingerprint == said.secret_hash))
    if made is None:
        return None
    if made.node_id != said.node_id:
        return "wrong_name"
    if made.revoked_because is not None:
        return "removed" if made.revoked_because == "removed" else "revoked"
    return Joined(made.node_id, made.id, made.expires_at)


def _exchange(by: Actor, said: JoinRequest) -> Joined | str:
    now: datetime = db.session.execute(select(func.now())).scalar_one()
    token = db.session.scalar(select(JoinToken).where(JoinToken.fingerprint == secret.fingerprint(said.join_token)))
    if cause := refusal_cause(token, said, credentials.is_live(said.node_id), now):
        return cause
    assert token is not None  # noqa: S101 - without one there was a cause
    claim = update(JoinToken).where(JoinToken.id == token.id, JoinToken.uses_left > 0, JoinToken.revoked_at.is_(None))
    taken = claim.values(uses_left=JoinToken.uses_left - 1).returning(JoinToken.id)
    if db.session.execute(taken, execution_options={"synchronize_session": False}).one_or_none() is None:
        return "spent"
    if token.replace:
        credentials.revoke_all(said.node_id, "replaced")
    made = credentials.make(said.node_id, said.secret_hash, "joined", token.capabilities, token.id)
    audit.record(by, "node.join", said.node_id, detail={"joinToken": str(token.id), "credential": str(made.id)})
    return Joined(said.node_id, made.id, made.expires_at)


def _refuse(by: Actor, said: JoinRequest, cause: str) -> JoinRefused:
    with transaction():
        refused = refusals.TurnedAway(said.node_id, by.address, cause)
        code, new = refused.code, refusals.note(db.session(), refused)
        waits = cause in MAY_WAIT and waiting_room.knock(said, by.address, code)
        if new:  # the count is in the list of refusals; the audit log is not for those who hammer
            audit.record(by, "node.join", said.node_id, Result.REFUSED, {"cause": cause, "refusal": code})
    return JoinRefused(SENTENCES[cause], cause, code, waits)


def _renewable(presented: str, node_id: str) -> NodeCredential:
    chosen = select(NodeCredential, func.now()).where(NodeCredential.fingerprint == secret.fingerprint(presented))
    found = db.session.execute(chosen).one_or_none()
    if found is None:
        raise CredentialRefused("unknown" if presented else "missing")
    old, now = found
    why = fault(old, node_id, now)
    is_late = old.expires_at is not None and timedelta() <= now - old.expires_at < RENEWABLE
    if why is not None and not (isinstance(why, CredentialRefused) and why.code == "credential_expired" and is_late):
        raise why
    if old.kind == "url":
        raise NotPermitted(
            "This credential is part of an agent's URL and does not expire: revoke it and make a new one"
        )
    return old


def _withdraw_unused(node_id: str, kept: UUID) -> None:
    """At most one credential waits to be used: a daemon that lost its next one made another."""
    chosen = update(NodeCredential).where(NodeCredential.node_id == node_id, NodeCredential.id != kept)
    waiting = chosen.where(NodeCredential.last_used_at.is_(None), NodeCredential.revoked_at.is_(None))
    db.session.execute(
        waiting.where(NodeCredential.kind != "url").values(revoked_at=func.now(), revoked_because="replaced")
    )
