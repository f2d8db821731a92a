"""Credentials of nodes: noting their use."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, func, text, update

from app.extensions import db
from app.models import NodeCredential

NOTED_EVERY = timedelta(hours=1)

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


def revoke_all(node_id: str, because: str) -> int:
    """Revoke every credential of a node, within the caller's transaction. Returns how many counted until now."""
    chosen = update(NodeCredential).where(NodeCredential.node_id == node_id, NodeCredential.revoked_at.is_(None))
    done = db.session.execute(chosen.values(revoked_at=func.now(), revoked_because=because))
    return cast("CursorResult[Any]", done).rowcount
