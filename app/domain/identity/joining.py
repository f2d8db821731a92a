"""Whether a machine may become a node: what its join token allows, and the code of a refusal."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Protocol

NAME_PATTERN = re.compile(r"[A-Za-z0-9*?][A-Za-z0-9._*?-]{0,63}")
CLOCK_LIMIT = timedelta(minutes=5)
# Without what is easily misread on another screen: 0 O, 1 I L, 2 Z, 5 S, 8 B.
CODE_LETTERS = "34679ACDEFGHJKMNPQRTUVWXY"

SENTENCES = {
    "unknown_token": "This join token is not known here: make a new one in the dashboard",
    "spent": "This join token has been used as often as it allows: make a new one in the dashboard",
    "expired": "This join token has expired: make a new one in the dashboard",
    "revoked": "This join token, or the credential made with it, was revoked: make a new one in the dashboard",
    "clock_off": "This join token has expired, but not by this machine's clock: set that clock, then use a new token",
    "wrong_name": "This join token is not for this node id: use the id it was made for, or make another token",
    "wrong_capabilities": "This join token does not allow all of these capabilities: leave some out, or make another",
    "node_exists": "A node with this id has joined already: choose another id, or make a token that replaces it",
    "removed": "This node was removed: it may only return with a new join token",
    "foreign_credential": "The credential of another node was used for this one",
    "credential_missing": "A heartbeat or registration came without a credential",
    "credential_unknown": "The credential is not known here",
    "credential_revoked": "The credential was revoked or replaced",
    "credential_expired": "The credential has expired",
}
# With a good token these machines would be welcome, so a person may let them in.
MAY_WAIT = frozenset({"unknown_token", "spent", "expired", "revoked", "clock_off"})


@dataclass(frozen=True)
class JoinRequest:
    """What a machine sends to become a node. `secret_hash` is the SHA-256 (32 bytes) of the secret it made itself."""

    node_id: str
    join_token: str
    secret_hash: bytes
    machine_id: str | None = None
    capabilities: tuple[str, ...] = ()
    name: str = ""
    platform: str = ""
    clock: datetime | None = None  # the machine's own


class StoredToken(Protocol):
    """The columns of join_tokens that the decision needs."""

    name_pattern: Any
    capabilities: Any
    replace: Any
    uses_left: Any
    created_at: Any
    expires_at: Any
    revoked_at: Any


def refusal_cause(token: StoredToken | None, said: JoinRequest, has_credential: bool, now: datetime) -> str | None:
    """Why the machine may not join with this token; None if it may. `has_credential`: the node id has a live one."""
    if token is None:
        return "unknown_token"
    replaces = token.replace and token.name_pattern == said.node_id
    causes = {
        "revoked": token.revoked_at is not None,
        "clock_off": token.expires_at <= now and _looks_valid(token, said.clock, now),
        "expired": token.expires_at <= now,
        "spent": token.uses_left <= 0,
        "wrong_name": not fnmatchcase(said.node_id, token.name_pattern),
        "wrong_capabilities": token.capabilities is not None and not set(said.capabilities) <= set(token.capabilities),
        "node_exists": has_credential and not replaces,
    }
    return next((cause for cause, is_so in causes.items() if is_so), None)


def refusal_code(node_id: str, address: str, cause: str) -> str:
    """Short, and the same for the same machine and cause: `K7QA-M9`, to be compared by a person on two screens."""
    number = int.from_bytes(hashlib.sha256(f"{node_id}\n{address}\n{cause}".encode()).digest()[:8], "big")
    letters = ""
    for _ in range(6):
        number, place = divmod(number, len(CODE_LETTERS))
        letters += CODE_LETTERS[place]
    return f"{letters[:4]}-{letters[4:]}"


def _looks_valid(token: StoredToken, clock: datetime | None, now: datetime) -> bool:
    return clock is not None and abs(clock - now) > CLOCK_LIMIT and clock < token.expires_at
