"""People with passwords, and browsers in which they sign in as a page does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from flask import Flask
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.domain.identity.permissions import Role
from app.extensions import db
from app.gateways import password_hash
from app.models import AuditEntry, User
from app.services.people import users
from tests.people import Browser, make_user

PASSWORD = "a long walk by the sea"


def make_person(role: str = "operator", name: str | None = None, password: str = PASSWORD) -> User:
    """A person with a password."""
    user = make_user(role, name)
    user.password_hash = password_hash.make(password)
    db.session.commit()
    return user


def attempt(app: Flask, name: str, password: str = PASSWORD, **more: Any) -> Any:
    """The answer to a sign-in from a browser of its own. `address` is where it comes from."""
    address = more.pop("address", "192.0.2.1")
    body = {"name": name, "password": password, **more}
    return app.test_client().post("/api/session", json=body, environ_overrides={"REMOTE_ADDR": address})


def signed_in(app: Flask, name: str, password: str = PASSWORD, **more: Any) -> Browser:
    """A browser after a sign-in by name and password."""
    client = app.test_client()
    answer = client.post("/api/session", json={"name": name, "password": password, **more})
    assert answer.status_code == 200, answer.json
    return Browser(client, answer.json["csrfToken"])


def by_link(app: Flask, link: str) -> Browser:
    """A browser after a sign-in with a link."""
    client = app.test_client()
    answer = client.post("/api/session/link", json={"token": link.partition("#")[2]})
    assert answer.status_code == 200, answer.json
    return Browser(client, answer.json["csrfToken"])


def fresh_link(name: str, role: Role = Role.OPERATOR) -> str:
    """A new user's sign-in link."""
    return users.create(SYSTEM, name, role)[1].path


def is_signed_in(browser: Browser) -> bool:
    """What the control plane says of this browser."""
    found: bool = browser.client.get("/api/session").json["signedIn"]
    return found


def age(table: str, column: str, seconds: float, by: str = "") -> None:
    """As if something had happened so much earlier."""
    with db.engine.begin() as connection:
        moved = text(f"UPDATE {table} SET {column} = {by or f'{column} - :past'}")  # noqa: S608 - our own tests
        connection.execute(moved, {"past": timedelta(seconds=seconds)})


def audited() -> list[tuple[str, str, str]]:
    """Action, target and result of each entry, oldest first."""
    db.session.rollback()
    entries = db.session.query(AuditEntry).order_by(AuditEntry.id)
    return [(entry.action, entry.target, entry.result) for entry in entries]


def forget_guesses() -> None:
    """As if nobody had tried to sign in yet."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sign_in_guesses")


def code_of(secret: str, step: int = 0) -> str:
    """The code of now, or of so many steps of 30 s later."""
    return pyotp.TOTP(secret).at(datetime.now(UTC), step)
