"""Deploys in the wire's keys."""

from collections.abc import Sequence

from app.domain.deploying.rows import Faults, Row
from app.domain.nodes.node import Json
from app.services.deploying import Look, Taken


def host_key_wire(look: Look) -> Json:
    """A host key as it is seen."""
    return {"fingerprint": look.fingerprint, "known": look.known, "changed": look.changed}


def host_keys_wire(looks: Sequence[Look]) -> Json:
    """Many of them, each with the place it was seen at, or why it was not."""
    return {"keys": [_seen(look) for look in looks]}


def machines_wire(rows: Sequence[tuple[Row, Faults]]) -> Json:
    """The rows of a list. Nothing of a login is in them."""
    return {"machines": [_machine(row, faults) for row, faults in rows]}


def taken_wire(taken: Taken) -> Json:
    """A deploy that was taken on, or many."""
    if taken.many:
        jobs = [{"host": order.host, "nodeId": order.node_id, "jobId": job_id} for order, job_id in taken.parts]
        return {"message": f"Deploying to {len(jobs)} machines", "jobId": taken.job_id, "jobs": jobs}
    ((order, job_id),) = taken.parts
    message = f"Deploying to {order.host}; the node registers itself when it is ready"
    return {"message": message, "nodeId": order.node_id, "jobId": job_id}


def _seen(look: Look) -> Json:
    place = {"host": look.target.host, "port": look.target.port, **host_key_wire(look)}
    if look.failure is None:
        return place
    return {**place, "error": str(look.failure), "code": look.failure.code, "advice": look.failure.advice}


def _machine(row: Row, faults: Faults) -> Json:
    order, said = row.order, row.said
    if order is not None:
        said = {"host": order.host, "port": str(order.port), "user": order.user, "name": order.name}
        said["nodeId"] = order.node_id
    return {
        "row": row.number,
        **{key: said.get(key, "") for key in ("host", "port", "user", "name", "nodeId")},
        "agents": [agent.id for agent in order.agents] if order else [],
        "capabilities": list(order.capabilities) if order else [],
        "fingerprint": order.fingerprint if order else "",
        "login": row.login.is_there,
        "faults": dict(faults),
    }
