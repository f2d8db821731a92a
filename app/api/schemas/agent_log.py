"""Logs of agents, on the wire."""

from marshmallow import Schema, fields, validate

from app.api.schemas.node import MISSING, WholeNumber
from app.api.schemas.search import Said

MOST_LINES = 2000


class LogWishSchema(Said):
    """How much of a log."""

    lines = WholeNumber(load_default=200, validate=validate.Range(1, MOST_LINES, error="must be 1-2000"))
    follow = fields.Boolean(load_default=False, metadata={"description": "Go on for up to ten minutes."})


class LogLinesSchema(Said):
    """Some lines of an agent, as its node sends them."""

    command_id = fields.UUID(required=True, data_key="commandId", error_messages=MISSING)
    first = WholeNumber(
        required=True,
        data_key="from",
        validate=validate.Range(0, 2**31 - 1, error="must be a number from 0"),
        error_messages=MISSING,
        metadata={"description": "How many lines were sent before these."},
    )
    lines = fields.List(fields.String(), required=True, error_messages=MISSING)


class TakenSchema(Schema):
    """Whether nobody wants more."""

    stop = fields.Boolean(required=True)
