"""Host keys: look at one, and remember those that people confirmed."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.domain.deploying.ssh import Login, SshFailure, SshTarget
from app.domain.identity.actor import SYSTEM, Actor
from app.extensions import db, in_context
from app.gateways import ssh
from app.models import HostKey
from app.services import audit
from app.services.transaction import transaction

LOOKS_AT_ONCE = 16


@dataclass(frozen=True)
class Look:
    """The key that a machine shows now ("" with its failure), and the one that was confirmed before, or ""."""

    target: SshTarget
    fingerprint: str
    pinned: str
    failure: SshFailure | None = None

    @property
    def known(self) -> bool:
        """Whether it is the one that was confirmed."""
        return self.pinned == self.fingerprint != ""

    @property
    def changed(self) -> bool:
        """Whether it is not the one that was confirmed."""
        return "" not in (self.pinned, self.fingerprint) and not self.known


def probe(target: SshTarget, login: Login, by: Actor) -> Look:
    """Ask a machine for its host key; only a jump host on the way sees the login. Raises SshFailure."""
    [look] = probe_many([target], login, by)
    if look.failure:
        raise look.failure
    return look


def probe_many(targets: Sequence[SshTarget], login: Login, by: Actor) -> list[Look]:
    """Ask each machine for its host key; nothing is sent to it that proves anybody."""
    with transaction():
        asked = [target.address for target in targets]
        audit.record(
            by, "host-key.look", asked[0] if len(asked) == 1 else f"{len(asked)} machines", detail=_named(asked)
        )
    pinned = known(targets)
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        return list(pool.map(in_context(lambda target: _look(target, login, pinned)), targets))


def known(targets: Iterable[SshTarget]) -> Mapping[str, str]:
    """The confirmed host keys of those of these machines that have one, by their addresses."""
    wanted = {_place(target): target.address for target in targets}
    place = tuple_(HostKey.host, HostKey.port, HostKey.via)
    with transaction():
        rows = db.session.scalars(select(HostKey).where(place.in_(wanted)))
        return {wanted[row.host, row.port, row.via]: row.fingerprint for row in rows}


def pin(target: SshTarget) -> None:
    """Remember the confirmed key of a machine, once it took the login: a mistake in a form is believed by nobody."""
    (fingerprint,) = target.pins
    host, port, via = _place(target)
    statement = insert(HostKey).values(host=host, port=port, via=via, fingerprint=fingerprint)
    changed = statement.on_conflict_do_update(
        index_elements=["host", "port", "via"],
        set_={"fingerprint": fingerprint, "confirmed_at": func.now()},
        where=HostKey.fingerprint != fingerprint,
    )
    with transaction():
        if db.session.scalar(changed.returning(HostKey.port)) is not None:
            audit.record(SYSTEM, "host-key.pin", target.address, detail={"fingerprint": fingerprint})


def _look(target: SshTarget, login: Login, pinned: Mapping[str, str]) -> Look:
    before = pinned.get(target.address, "")
    try:
        return Look(target, ssh.probe_host_key(target, login), before)
    except SshFailure as failure:
        return Look(target, "", before, failure)


def _place(target: SshTarget) -> tuple[str, int, str]:
    """Behind each jump host, an address of a private network is another machine."""
    return target.host.lower(), target.port, target.bastion.address if target.bastion else ""


def _named(asked: list[str]) -> dict[str, list[str]]:
    return {"machines": asked} if len(asked) > 1 else {}
