"""Actions on agents: each is a job that ends when a report proves it. It waits for a node that is away."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.agents.blueprint import AgentBlueprint
from app.api.json_response import json_response
from app.api.schemas.agent_action import ActionOnSchema, AskedSchema, ManySchema, WholeSchema
from app.domain.agents.actions import Action, Wish
from app.domain.identity.permissions import Policy, allow
from app.services import agents

bp = AgentBlueprint("acting", __name__, description="Agents")


@bp.route("/agents/<agent_id>/start", methods=["POST"])
@bp.arguments(ActionOnSchema)
@bp.alt_response(202, schema=AskedSchema)
@allow(Policy.OPERATOR)
def start(said: dict[str, Any], agent_id: str) -> Response:
    """Have an agent run. One that its node gave up is tried again."""
    return _asked(agent_id, Action.START, said)


@bp.route("/agents/<agent_id>/stop", methods=["POST"])
@bp.arguments(ActionOnSchema)
@bp.alt_response(202, schema=AskedSchema)
@allow(Policy.OPERATOR)
def stop(said: dict[str, Any], agent_id: str) -> Response:
    """Have an agent stopped."""
    return _asked(agent_id, Action.STOP, said)


@bp.route("/agents/<agent_id>/restart", methods=["POST"])
@bp.arguments(ActionOnSchema)
@bp.alt_response(202, schema=AskedSchema)
@allow(Policy.OPERATOR)
def restart(said: dict[str, Any], agent_id: str) -> Response:
    """Start an agent's process anew; its node need not know it from us."""
    return _asked(agent_id, Action.RESTART, said)


@bp.route("/agents/<agent_id>/move", methods=["POST"])
@bp.arguments(ActionOnSchema)
@bp.alt_response(202, schema=AskedSchema)
@allow(Policy.OPERATOR)
def move(said: dict[str, Any], agent_id: str) -> Response:
    """Have an agent run on another node: the one that is named, or the best one."""
    return _asked(agent_id, Action.MOVE, said)


@bp.route("/agents/actions", methods=["POST"])
@bp.arguments(ManySchema)
@bp.alt_response(202, schema=WholeSchema)
@allow(Policy.OPERATOR)
def act_on_many(said: dict[str, Any]) -> Response:
    """Do something with several agents, with all of a node, or with all that match a filter: one job with its parts."""
    chosen = agents.chosen(said["agent_ids"], said["node_id"], said["q"])
    asked = agents.request_many(auth.actor(), chosen, said["wish"])
    jobs = [{"agentId": agent_id, "jobId": job_id} for agent_id, job_id in asked.parts.items()]
    left_out = [{"agentId": agent_id, "reason": reason} for agent_id, reason in asked.left_out.items()]
    return json_response({"jobId": asked.job_id, "jobs": jobs, "leftOut": left_out}, 202)


def _asked(agent_id: str, action: Action, said: dict[str, Any]) -> Response:
    wish = Wish(action, said["node_id"], said["expiry"])
    return json_response({"jobId": agents.request(auth.actor(), agent_id, wish)}, 202)
