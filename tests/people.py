"""People, tokens and nodes with credentials for tests, made straight in the database."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func

from app.api.auth import COOKIE, CSRF_HEADER
from app.domain.identity import secret
from app.domain.identity.secret import SecretKind
from app.extensions import db
from app.models import ApiToken, NodeCredential, Session, User

HOUR = timedelta(hours=1)


@dataclass
class Browser:
    """A browser of a signed-in person: its cookie, and what its pages send with a change."""

    client: FlaskClient
    csrf: str

    def send(self, method: str, path: str, **options: Any) -> Any:
        """A request as the dashboard's own page makes it."""
        return self.client.open(path, method=method, headers={CSRF_HEADER: self.csrf}, **options)


def make_user(role: str, name: str | None = None) -> User:
    """A person with a role and without a password."""
    user = User(id=uuid4(), name=name or f"{role}-{uuid4().hex[:6]}", role=role)
    db.session.add(user)
    db.session.commit()
    return user


def browser(app: Flask, role: str) -> Browser:
    """A browser in which a new person of this role is signed in."""
    presented = secret.make(SecretKind.SESSION)
    session = Session(
        fingerprint=secret.fingerprint(presented), user_id=make_user(role).id, expires_at=func.now() + HOUR
    )
    db.session.add(session)
    db.session.commit()
    client = app.test_client()
    client.set_cookie(COOKIE, presented)
    return Browser(client, secret.csrf_token(presented))


def token(role: str, owner_role: str = "admin") -> dict[str, str]:
    """The header of a new API token."""
    presented, owner = secret.make(SecretKind.API_TOKEN), make_user(owner_role)
    made = ApiToken(id=uuid4(), fingerprint=secret.fingerprint(presented), user_id=owner.id, name="script", role=role)
    made.expires_at = func.now() + HOUR
    db.session.add(made)
    db.session.commit()
    return bearer(presented)


def credential(node_id: str) -> str:
    """A new credential of a node."""
    presented = secret.make(SecretKind.NODE_CREDENTIAL)
    row = NodeCredential(id=uuid4(), fingerprint=secret.fingerprint(presented), node_id=node_id, kind="joined")
    db.session.add(row)
    db.session.commit()
    return presented


def bearer(presented: str) -> dict[str, str]:
    """The header that carries a token or credential."""
    return {"Authorization": f"Bearer {presented}"}
