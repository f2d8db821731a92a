"""Credentials of nodes: making, listing, revoking, and noting their use."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Connection, CursorResult, func, select, text, update

from app.domain.errors import CredentialNotFound, NodeNotFound
from app.domain.identity import secret
from app.domain.identity.actor import Actor
from app.domain.identity.credential import RENEWABLE
from app.domain.identity.secret import SecretKind
from app.extensions import db, settings
from app.models import NodeCredential, NodeRow
from app.services import audit
from app.services.transaction import transaction

NOTED_EVERY = timedelta(hours=1)
SHOWN = 100

# One machine after the other becomes the node of this id, until the commit.
_ALONE = text("SELECT pg_advisory_xact_lock(7120386, hashtext(:node_id))")
_USED = text("UPDATE node_credentials SET last_used_at = now() WHERE id = ANY(CAST(:ids AS uuid[]))")
# Until the new one is used the old one counts too: the daemon may have missed the answer that brought the new one.
_REPLACE = text("""
UPDATE node_credentials AS old SET revoked_at = now(), revoked_because = 'replaced' FROM node_credentials AS new
WHERE new.id = ANY(CAST(:ids AS uuid[])) AND old.node_id = new.node_id AND old.id <> new.id
    AND old.created_at <= new.created_at AND old.kind <> 'url' AND new.kind <> 'url' AND old.revoked_at IS NULL
""")


def to_note(rows: Sequence[Any]) -> list[tuple[str, bool]]:
    """The credentials among these heartbeats whose use is to be written down: (id, whether it is the first)."""
    return [
        (str(row.credential_id), row.credential_used_at is None)
        for row in rows
        if row.credential_id and (row.credential_used_at is None or row.now - row.credential_used_at > NOTED_EVERY)
    ]


def note_use(connection: Connection, used: Sequence[tuple[str, bool]]) -> None:
    """Write the use down; with its first use a credential replaces the ones before it."""
    if used:
        connection.execute(_USED, {"ids": [one for one, _ in used]})
        connection.execute(_REPLACE, {"ids": [one for one, is_first in used if is_first]})


def take_turn(node_id: str) -> None:
    """Be alone with what decides who may become this node, until the end of the current transaction."""
    db.session.execute(_ALONE, {"node_id": node_id})


def is_live(node_id: str) -> bool:
    """Whether some machine may still speak, or renew its right to speak, for this node."""
    chosen = select(NodeCredential.id).where(NodeCredential.node_id == node_id, NodeCredential.revoked_at.is_(None))
    renewable = NodeCredential.expires_at.is_(None) | (NodeCredential.expires_at > func.now() - RENEWABLE)
    return db.session.scalar(chosen.where(renewable).limit(1)) is not None


def is_known(secret_hash: bytes) -> bool:
    """Whether this secret is or was a credential: then it can never become one again."""
    return db.session.scalar(select(NodeCredential.id).where(NodeCredential.fingerprint == secret_hash)) is not None


def make(
    node_id: str, secret_hash: bytes, kind: str, capabilities: list[str] | None, token_id: UUID | None = None
) -> NodeCredential:
    """A new credential that lives its time (one in a URL: for ever), within the current transaction."""
    made = NodeCredential(id=uuid4(), fingerprint=secret_hash, node_id=node_id, kind=kind, join_token_id=token_id)
    made.capabilities = capabilities
    made.expires_at = None if kind == "url" else func.now() + settings().node_credential_life
    db.session.add(made)
    db.session.flush()
    return made


def list_credentials(node_id: str) -> list[NodeCredential]:
    """The newest credentials of a node, also of a removed one, newest first."""
    chosen = select(NodeCredential).where(NodeCredential.node_id == node_id)
    with transaction():
        found = list(db.session.scalars(chosen.order_by(NodeCredential.created_at.desc()).limit(SHOWN)))
        db.session.expunge_all()
    return found


def issue_for_url(by: Actor, node_id: str) -> tuple[NodeCredential, str]:
    """A credential for agents that can only be told a URL, and its secret, shown this once. Raises NodeNotFound."""
    presented = secret.make(SecretKind.NODE_CREDENTIAL)
    with transaction():
        take_turn(node_id)
        row = db.session.get(NodeRow, node_id)
        if row is None:
            raise NodeNotFound
        made = make(node_id, secret.fingerprint(presented), "url", None)
        db.session.refresh(made)
        db.session.expunge(made)
        audit.record(by, "credential.issue", node_id, detail={"credential": str(made.id), "kind": "url"})
    return made, presented


def revoke(by: Actor, node_id: str, credential_id: UUID | None = None) -> int:
    """Revoke one credential of a node, or all of them; returns how many. Raises CredentialNotFound for a wrong id."""
    with transaction():
        take_turn(node_id)
        if credential_id is not None:
            found = db.session.get(NodeCredential, credential_id)
            if found is None or found.node_id != node_id:
                raise CredentialNotFound
        revoked = revoke_all(node_id, "revoked", credential_id)
        audit.record(
            by, "credential.revoke", node_id, detail={"revoked": revoked, "credential": str(credential_id or "all")}
        )
    return revoked


def revoke_all(node_id: str, because: str, only: UUID | None = None) -> int:
    """Revoke a node's credentials, within the current transaction. Returns how many counted until now."""
    chosen = update(NodeCredential).where(NodeCredential.node_id == node_id, NodeCredential.revoked_at.is_(None))
    if only is not None:
        chosen = chosen.where(NodeCredential.id == only)
    done = db.session.execute(
        chosen.values(revoked_at=func.now(), revoked_because=because),
        execution_options={"synchronize_session": False},
    )
    return cast("CursorResult[Any]", done).rowcount
