"""Agents that wait for a human: one list for the fleet, answer, dismiss; and what agents say without a daemon."""

from typing import Any
from uuid import UUID

from flask import Response

from app.api import auth
from app.api.agents.blueprint import AgentBlueprint
from app.api.json_response import json_response
from app.api.schemas.action import OkSchema
from app.api.schemas.search import SearchSchema
from app.api.schemas.waiting import AnswerSchema, StateSchema, WaitingSchema
from app.domain.identity.permissions import Policy, allow
from app.domain.nodes.node import Json
from app.services.agents import waiting
from app.services.agents.waiting import Question

bp = AgentBlueprint("waiting", __name__, description="Agents")


@bp.route("/waiting", methods=["GET"])
@bp.arguments(SearchSchema, location="query")
@bp.alt_response(200, schema=WaitingSchema)
@allow(Policy.VIEWER)
def list_waiting(asked: dict[str, Any]) -> Response:
    """Agents that wait for a human, the one that waits longest first."""
    found = waiting.list_waiting()
    words = asked["q"].casefold().split()
    shown = [wire for one in found if _matches(wire := _wire(one), words)]
    return json_response({"waiting": shown, "total": len(found)})


@bp.route("/waiting/<uuid:question_id>/answer", methods=["POST"])
@bp.arguments(AnswerSchema)
@bp.alt_response(202, schema=OkSchema)
@allow(Policy.OPERATOR)
def answer(said: dict[str, Any], question_id: UUID) -> Response:
    """Answer an agent; it gets the answer from its node's daemon."""
    waiting.answer(auth.actor(), question_id, said["answer"])
    return json_response({"ok": True}, 202)


@bp.route("/waiting/<uuid:question_id>", methods=["DELETE"])
@bp.alt_response(200, schema=OkSchema)
@allow(Policy.OPERATOR)
def dismiss(question_id: UUID) -> Response:
    """Take a question off the list. The agent is told nothing."""
    waiting.dismiss(auth.actor(), question_id)
    return json_response({"ok": True})


@bp.route("/agents/<agent_id>/state", methods=["POST"])
@bp.arguments(StateSchema)
@bp.alt_response(200, schema=OkSchema)
@allow(Policy.NODE)
def say(said: dict[str, Any], agent_id: str) -> Response:
    """An agent on a node without a daemon says that it waits, works on, or how far it is."""
    waiting.say(auth.actor(), agent_id, said["taken"], said["words"])
    return json_response({"ok": True})


def _matches(wire: Json, words: list[str]) -> bool:
    told = " ".join(str(wire[key]) for key in ("agentId", "agentName", "nodeId", "question")).casefold()
    return all(word in told for word in words)


def _wire(one: Question) -> Json:
    return {
        "id": one.id,
        "agentId": one.agent_id,
        "agentName": one.agent_name,
        "nodeId": one.node_id,
        "question": one.question,
        "link": one.link,
        "since": one.since,
        "answerable": one.answerable,
    }
