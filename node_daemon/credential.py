"""This node's own secret: made here, kept here, and shown to the control plane as a hash until it is used."""

from __future__ import annotations

import hashlib
import secrets

from node_daemon import log
from node_daemon.errors import StartError
from node_daemon.state import StateFolder

FILE = "credential.json"


class Credential:
    """The secret that this node speaks with, and the one that is to follow it. Both are saved before they are used."""

    def __init__(self, state: StateFolder, node_id: str) -> None:
        self._state = state
        self._node_id = node_id
        saved = state.read(FILE)
        mine = saved.get("nodeId") == node_id  # else it was made for another node id
        self.current = _text(saved.get("current")) if mine else ""
        self.following = _text(saved.get("next")) if mine else ""

    def prepare(self) -> str:
        """The secret that is to follow; the same one until `promote()`. Raises StartError when it cannot be saved."""
        if not self.following:
            made = f"mnc_{secrets.token_urlsafe(32)}"
            if not self._save(self.current, made):
                raise StartError("the state folder cannot be written to, so this node cannot keep a credential")
            self.following = made
        return self.following

    def promote(self) -> None:
        """Speak with the secret that was to follow. If that cannot be saved, the next start finds out by itself."""
        self.current, self.following = self.following, ""
        if not self._save(self.current, ""):
            log.warn("the new credential could not be put in place yet")

    def forget(self) -> None:
        """It will never count again."""
        self.current = self.following = ""
        self._save("", "")

    def _save(self, current: str, following: str) -> bool:
        return self._state.write(FILE, {"nodeId": self._node_id, "current": current, "next": following})


def hash_of(secret: str) -> str:
    """What is sent of a secret that is not used yet (SHA-256, hex)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
