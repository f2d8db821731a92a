"""What agents say of themselves, and questions for humans, on the wire."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.api.schemas.search import Said
from app.domain.agents.words import LONGEST_ANSWER, LONGEST_PROGRESS, LONGEST_QUESTION, line, link
from app.domain.nodes.node import iso


class StateSchema(Said):
    """An agent waits, works on, or tells how far it is."""

    state = fields.String(load_default=None, validate=validate.OneOf(["waiting", "working"]))
    question = fields.String(load_default=None, metadata={"description": "Of an agent that waits"})
    link = fields.String(load_default=None, metadata={"description": "http or https"})
    progress = fields.String(load_default=None)
    percent = fields.Float(load_default=None, allow_nan=False, validate=validate.Range(0, 100, error="must be 0-100"))

    @post_load
    def to_words(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """What is kept, and which earlier words are taken back."""
        now, words = iso(datetime.now(UTC)), {}
        if data["state"] == "waiting":
            if line(data["question"], LONGEST_QUESTION) is None:
                raise ValidationError(f"must be 1-{LONGEST_QUESTION} printable characters", "question")
            words["waiting"] = {"question": data["question"], "link": link(data["link"]), "since": now}
        if data["progress"] is not None:
            if line(data["progress"], LONGEST_PROGRESS) is None:
                raise ValidationError(f"must be 1-{LONGEST_PROGRESS} printable characters", "progress")
            words["progress"] = {"text": data["progress"], "percent": data["percent"], "at": now}
        if not words and data["state"] is None:
            raise ValidationError("must be waiting or working, unless there is progress to tell", "state")
        return {"words": words, "taken": ["waiting"] if data["state"] == "working" else []}


class AnswerSchema(Said):
    """What a person answers."""

    answer = fields.String(
        required=True,
        validate=validate.And(
            validate.Length(1, LONGEST_ANSWER, error=f"must be 1-{LONGEST_ANSWER} characters"),
            validate.Predicate("strip", error="must not be empty"),
            validate.ContainsNoneOf(["\0"], error="must not hold the character NUL"),
        ),
    )


class QuestionSchema(Schema):
    """A question that nobody has answered."""

    id = fields.UUID(required=True)
    agentId = fields.String(required=True)  # noqa: N815
    agentName = fields.String(required=True)  # noqa: N815
    nodeId = fields.String(required=True)  # noqa: N815
    question = fields.String(required=True)
    link = fields.String(required=True, allow_none=True)
    since = fields.String(required=True)
    answerable = fields.Boolean(required=True, metadata={"description": "A daemon can pass an answer on"})


class WaitingSchema(Schema):
    """Open questions, oldest first."""

    waiting = fields.List(fields.Nested(QuestionSchema), required=True)
    total = fields.Integer(required=True, metadata={"description": "How many are open, whatever was searched for"})
