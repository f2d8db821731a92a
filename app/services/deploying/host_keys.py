"""Host keys: look at one, and remember those that people confirmed."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.actor import SYSTEM, Actor
from app.domain.ssh import SshTarget
from app.extensions import db
from app.gateways import ssh
from app.models import HostKey
from app.services import audit
from app.services.transaction import transaction


@dataclass(frozen=True)
class Seen:
    """The key that a machine shows now, and the one that was confirmed before ("" if none was)."""

    fingerprint: str
    pinned: str

    @property
    def changed(self) -> bool:
        """Whether it is not the one that was confirmed."""
        return self.pinned not in ("", self.fingerprint)


def probe(host: str, port: int, by: Actor) -> Seen:
    """Ask a machine for its host key; nothing is sent that proves anybody. Raises SshFailure."""
    with transaction():
        audit.record(by, "host-key.look", f"{host}:{port}")
    seen = ssh.probe_host_key(SshTarget(host, "", port))
    with transaction():
        pinned = db.session.scalar(select(HostKey.fingerprint).where(HostKey.host == host, HostKey.port == port))
    return Seen(seen, pinned or "")


def pin(target: SshTarget) -> None:
    """Remember the confirmed key of a machine, once it took the login: a mistake in a form is believed by nobody."""
    (fingerprint,) = target.pins
    statement = insert(HostKey).values(host=target.host, port=target.port, fingerprint=fingerprint)
    changed = statement.on_conflict_do_update(
        index_elements=["host", "port"],
        set_={"fingerprint": fingerprint, "confirmed_at": func.now()},
        where=HostKey.fingerprint != fingerprint,
    )
    with transaction():
        if db.session.scalar(changed.returning(HostKey.port)) is not None:
            audit.record(SYSTEM, "host-key.pin", f"{target.host}:{target.port}", detail={"fingerprint": fingerprint})
