"""Why a heartbeat was not written: its credential, another daemon under the same node id, or an unknown node."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, text

from app.domain.errors import CredentialRefused, MusterError, NodeConflict, NodeNotFound
from app.domain.identity import credential
from app.domain.nodes.boots import Call, Ruling, judge_beat
from app.domain.nodes.heartbeat import Heartbeat
from app.extensions import settings
from app.services.admission import refusals
from app.services.admission.refusals import TurnedAway
from app.services.presence import boots, conflicts

_CREDENTIALS = text(
    "SELECT fingerprint, node_id, expires_at, revoked_because, now() AS now FROM node_credentials"
    " WHERE fingerprint = ANY(:fingerprints)"
)
_NODES = text(
    "SELECT node_id, host, machine_id, boot_id, previous_boot_id, refused_boot_id, beat_number, previous_beat_number,"
    " coalesce(last_heartbeat > now() - make_interval(secs => :offline_after), false) AS alive"
    " FROM cluster_nodes WHERE node_id = ANY(:node_ids) ORDER BY node_id FOR UPDATE"
)


class Unwritten(Protocol):
    """A heartbeat that the batch did not write. `credential` is a fingerprint, or empty when none came."""

    @property
    def node_id(self) -> str: ...
    @property
    def beat(self) -> Heartbeat: ...
    @property
    def credential(self) -> bytes: ...
    @property
    def address(self) -> str: ...


def explain(connection: Connection, unwritten: Sequence[Unwritten]) -> list[MusterError | None]:
    """The failure to answer each with, in order; None for one that came late and is passed over.

    Marks conflicts, within the caller's transaction.
    """
    if not unwritten:
        return []
    faults = _credential_faults(connection, unwritten)
    admitted = [one for one, fault in zip(unwritten, faults, strict=True) if fault is None]
    node_faults = _node_faults(connection, admitted)
    return [fault or next(node_faults) for fault in faults]


def _credential_faults(connection: Connection, unwritten: Sequence[Unwritten]) -> list[MusterError | None]:
    if not settings().cluster_auth:
        return [None] * len(unwritten)
    fingerprints = list({one.credential for one in unwritten})
    found = {bytes(row.fingerprint): row for row in connection.execute(_CREDENTIALS, {"fingerprints": fingerprints})}
    faults = [_credential_fault(found.get(one.credential), one) for one in unwritten]
    refused = {
        number: TurnedAway(one.node_id, one.address, credential.refusal_cause(fault))
        for number, (one, fault) in enumerate(zip(unwritten, faults, strict=True))
        if fault is not None
    }
    refusals.note(connection, *refused.values())
    for number, fault in enumerate(faults):
        if fault is not None:
            fault.more = {"refusal": refused[number].code}
    return faults


def _credential_fault(row: Any, one: Unwritten) -> MusterError | None:
    if row is None:
        return CredentialRefused("unknown" if one.credential else "missing")
    return credential.fault(row, one.node_id, row.now)


def _node_faults(connection: Connection, admitted: Sequence[Unwritten]) -> Iterator[MusterError | None]:
    chosen = {"node_ids": [one.node_id for one in admitted], "offline_after": settings().offline_after.total_seconds()}
    rows = {row.node_id: row for row in connection.execute(_NODES, chosen)} if admitted else {}
    rulings = {id(one): _ruling(connection, rows[one.node_id], one.beat) for one in admitted if one.node_id in rows}
    conflicts.record(connection, [one.node_id for one in admitted if id(one) in rulings and rulings[id(one)].conflict])
    for one in admitted:
        call = rulings[id(one)].call if id(one) in rulings else Call.UNKNOWN
        if call is Call.REFUSE:
            yield NodeConflict(one.node_id, rows[one.node_id].host)
        else:
            yield NodeNotFound() if call is Call.UNKNOWN else None


def _ruling(connection: Connection, row: Any, beat: Heartbeat) -> Ruling:
    before = boots.of_row(row)
    if row.alive and beat.machine_id and row.machine_id not in (None, beat.machine_id):
        return Ruling(Call.REFUSE, before, conflict=True)
    ruling = judge_beat(before, beat.boot_id, beat.number, row.alive)
    if ruling.call is Call.TAKE:  # another heartbeat of the same batch, or of another process, was faster
        return Ruling(Call.IGNORE, before)
    if ruling.after != before:
        boots.keep(connection, row.node_id, ruling.after)
    return ruling
