"""Failures on the wire."""

from marshmallow import Schema, fields


class NodeReasonSchema(Schema):
    """Why one node cannot take an agent."""

    node_id = fields.String(data_key="nodeId", required=True)
    reason = fields.String(required=True, metadata={"description": "Words that follow the node's name."})


class ErrorSchema(Schema):
    """Every failure has this shape."""

    error = fields.String(required=True, metadata={"description": "One sentence a person can act on."})
    code = fields.String(required=True, metadata={"description": "Stable; for programs."})
    request_id = fields.String(
        data_key="requestId", required=True, metadata={"description": "Stands beside the cause in the log."}
    )
    fields_ = fields.Dict(data_key="fields", metadata={"description": "What is wrong with which field."})
    reason = fields.String(metadata={"description": "Why no node can take the agent."})
    reasons = fields.List(fields.Nested(NodeReasonSchema), metadata={"description": "The same, node by node."})
    job_id = fields.String(data_key="jobId", metadata={"description": "The job that is in the way."})
    fingerprint = fields.String(metadata={"description": "Of the host key that the machine showed."})
    refusal = fields.String(metadata={"description": "The code of this refusal in the list of refusals."})
    cause = fields.String(metadata={"description": "Why a machine may not join."})
    waitingRoom = fields.Boolean(  # noqa: N815
        metadata={"description": "It waits for somebody to let it in: asking again may succeed."}
    )
    advice = fields.String(metadata={"description": "What to do about it."})
