"""Ask for deploys of many machines at once: all of them or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.domain.deploying.request import DeployOrder
from app.domain.deploying.rows import Asked, Faults, Row, faults_in, orders_in, refuse
from app.domain.deploying.ssh import Login
from app.domain.errors import InvalidInput, Unavailable
from app.domain.identity.actor import Actor
from app.domain.jobs import JobKind, Outcome
from app.gateways import envelope
from app.services.deploying import host_keys
from app.services.deploying.asking import binding, check_keys, claim_machines, request_deploy
from app.services.jobs.asking import add, add_parent
from app.services.jobs.ending import end_parts
from app.services.jobs.parts import go_on
from app.services.transaction import transaction

NO_LOGIN = "a private key or a password is needed"
NO_KEY = "is needed: look at the host key first, and confirm it"


@dataclass(frozen=True)
class Taken:
    """What was taken on: the job, or that of the whole and its parts."""

    job_id: UUID
    parts: tuple[tuple[DeployOrder, UUID], ...]
    many: bool = False


def request(asked: Asked, enterprise_url: str, by: Actor) -> Taken:
    """Ask for the deploy of one machine or many. Raises what `request_deploy` and `request_many` raise."""
    if asked.many:
        return request_many(asked.rows, enterprise_url, by)
    ((row, order),) = orders_in(asked.rows)
    job_id = request_deploy(order, row.login, enterprise_url, by)
    return Taken(job_id, ((order, job_id),))


def request_many(rows: Sequence[Row], enterprise_url: str, by: Actor) -> Taken:
    """Ask for a deploy of each row, all under one job.

    Raises InvalidInput that names rows and fields, DeployRunning, NotConfigured without a SECRET_KEY, or Unavailable.
    """
    envelope.require_key()
    rows = with_known_keys(rows)
    refuse(faults_in(rows) or _unproven(rows))
    orders = [order for _, order in orders_in(rows)]
    with transaction():
        claim_machines(orders)
        nodes = [order.node_id for order in orders]
        parent_id = add_parent(JobKind.DEPLOY_MANY, _machines(len(orders)), by, {"nodes": nodes})
        job_ids = [
            add(JobKind.DEPLOY, order.node_id, {**order.stored(), "enterprise_url": enterprise_url}, by, parent_id).id
            for order in orders
        ]
    try:
        for row, order, job_id in zip(rows, orders, job_ids, strict=True):
            envelope.put(job_id, binding(order), row.login, envelope.KEPT_FOR_PARTS)
    except Unavailable as failure:
        end_parts(parent_id, Outcome(False, failure.code, str(failure)))
        raise
    go_on(parent_id)
    return Taken(parent_id, tuple(zip(orders, job_ids, strict=True)), many=True)


def look_through(asked: Asked) -> tuple[tuple[Row, Faults], ...]:
    """Each row, with the host key that was confirmed before, and what is wrong with it; nothing is started."""
    rows = with_known_keys(asked.rows)
    faults = faults_in(rows)
    return tuple((row, faults.get(row.number, {})) for row in rows)


def with_known_keys(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, each that names no host key with the one that was confirmed before, if any."""
    known = host_keys.known([order.target for _, order in orders_in(rows)])
    return tuple(_with_key(row, known) for row in rows)


def _machines(count: int) -> str:
    return "1 machine" if count == 1 else f"{count} machines"


def _with_key(row: Row, known: Mapping[str, str]) -> Row:
    if row.order is None or row.order.fingerprint:
        return row
    return replace(row, order=replace(row.order, fingerprint=known.get(row.order.target.address, "")))


def _unproven(rows: Sequence[Row]) -> dict[int, Faults]:
    """What keeps rows from being started that are right otherwise."""
    read: dict[Login, Faults] = {}  # most rows have the same login
    found: dict[int, Faults] = {}
    for row, order in orders_in(rows):
        if row.login not in read:
            read[row.login] = _login_faults(row.login)
        if faults := {**read[row.login], **({} if order.fingerprint else {"fingerprint": NO_KEY})}:
            found[row.number] = faults
    return found


def _login_faults(login: Login) -> Faults:
    if not login.is_there:
        return {"privateKey": NO_LOGIN}
    try:
        check_keys(login)
    except InvalidInput as refusal:
        return refusal.fields
    return {}
