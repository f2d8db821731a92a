"""Machines that want to become nodes, for tests."""

import hashlib
from typing import Any

from flask import Flask

from app.domain.identity import secret
from app.domain.identity.actor import SYSTEM
from app.domain.identity.secret import SecretKind
from app.services.admission import join_tokens
from app.services.admission.join_tokens import Wanted
from tests.fleet import CLUSTER
from tests.people import bearer


def join_token(**wanted: Any) -> str:
    """The secret of a new join token."""
    return join_tokens.create(SYSTEM, Wanted(**wanted))[1]


class Machine:
    """A machine with a secret of its own, made here as a daemon makes it."""

    def __init__(self, app: Flask, node_id: str = "mac-mini", address: str = "10.0.0.7") -> None:
        self.client, self.node_id, self.address = app.test_client(), node_id, address
        self.secret = secret.make(SecretKind.NODE_CREDENTIAL)

    def join(self, token: str = "", headers: dict[str, str] | None = None, **said: Any) -> Any:
        """Ask to become a node."""
        body = {"nodeId": self.node_id, "joinToken": token, "secretHash": hash_of(self.secret), **said}
        return self.client.post(
            f"{CLUSTER}/join", json=body, headers=headers, environ_base={"REMOTE_ADDR": self.address}
        )

    def register(self, **said: Any) -> Any:
        """Register with the own credential."""
        body = {"nodeId": self.node_id, "host": "10.0.0.7", "port": 3101, **said}
        return self.client.post(f"{CLUSTER}/register", json=body, headers=bearer(self.secret))

    def beat(self, **said: Any) -> Any:
        """Send a heartbeat with the own credential."""
        path = f"{CLUSTER}/heartbeat/{self.node_id}"
        return self.client.post(
            path, json=said, headers=bearer(self.secret), environ_base={"REMOTE_ADDR": self.address}
        )

    def renew(self, new: str) -> Any:
        """Ask for the next credential with the present one."""
        path = f"{CLUSTER}/nodes/{self.node_id}/credential"
        return self.client.post(path, json={"secretHash": hash_of(new)}, headers=bearer(self.secret))


def hash_of(presented: str) -> str:
    """What a daemon sends of its secret."""
    return hashlib.sha256(presented.encode()).hexdigest()
