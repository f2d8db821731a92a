"""Machines that are turned away before a view runs: told what to do, and kept in the list of refusals."""

from typing import Any

from flask import request

from app.domain.errors import CredentialRefused, MusterError, NodeRemoved
from app.domain.identity.credential import refusal_cause
from app.domain.nodes.registration import NODE_ID
from app.services.admission import refusals
from app.services.admission.refusals import TurnedAway


def explain(fault: MusterError) -> MusterError:
    """What to answer instead of `fault`: to a machine, "sign in first" means to join."""
    told = fault if isinstance(fault, (CredentialRefused, NodeRemoved)) else CredentialRefused("missing")
    refused = TurnedAway(_node_id(), request.remote_addr or "", refusal_cause(told))
    told.more = {"refusal": refusals.note_alone(refused)}
    return told


def _node_id() -> str:
    body: Any = request.get_json(silent=True)
    named = (request.view_args or {}).get("node_id") or (body.get("nodeId") if isinstance(body, dict) else None)
    return named if isinstance(named, str) and NODE_ID.fullmatch(named) else ""
