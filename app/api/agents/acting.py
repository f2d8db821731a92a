"""Actions on agents: start, stop, restart, move; one or several. Each is a job that ends when a report proves it."""

from typing import Any

from flask import Response

from app.api import auth
from app.api.agents.blueprint import AgentBlueprint
from app.api.json_response import json_response
from app.api.schemas.agent_action import ActionOnSchema, AskedSchema, ManySchema, WholeSchema
from app.domain.agent_actions import Action
from app.domain.permissions import Policy, allow
from app.services import agents

bp = AgentBlueprint("acting", __name__, description="Agents")


@bp.route("/agents/<agent_id>/<any(start,stop,restart,move):action>", methods=["POST"])
@bp.arguments(ActionOnSchema)
@bp.alt_response(202, schema=AskedSchema)
@allow(Policy.OPERATOR)
def act(said: dict[str, Any], agent_id: str, action: str) -> Response:
    """Do something with an agent. While its node is away the job waits for it, until it expires."""
    job_id = agents.request(auth.actor(), agent_id, said["wish"](Action(action)))
    return json_response({"jobId": job_id}, 202)


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
