"""Whether a node's credential counts."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from app.domain.errors import CredentialRefused, ForeignCredential, MusterError, NodeRemoved

# A machine that was switched off for longer than its credential lives may still renew it.
RENEWABLE = timedelta(days=90)


class StoredCredential(Protocol):
    """The columns of node_credentials that the decision needs."""

    node_id: Any
    expires_at: Any
    revoked_because: Any


def fault(found: StoredCredential, node_id: str | None, now: datetime) -> MusterError | None:
    """Why a credential does not count; None when it does. `node_id` is whom it is to speak for, None: anybody."""
    if node_id is not None and node_id != found.node_id:
        return ForeignCredential(found.node_id, node_id)
    if found.revoked_because == "removed":
        return NodeRemoved(found.node_id)
    if found.revoked_because is not None:
        return CredentialRefused(found.revoked_because)
    if found.expires_at is not None and found.expires_at <= now:
        return CredentialRefused("expired")
    return None


def refusal_cause(fault: MusterError) -> str:
    """The cause under which a refused credential is listed."""
    if isinstance(fault, CredentialRefused):
        return fault.code
    return "removed" if isinstance(fault, NodeRemoved) else "foreign_credential"
