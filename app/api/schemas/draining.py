"""Cordon, drain and impact, on the wire."""

from marshmallow import fields, validate

from app.api.schemas.instant import InstantField
from app.api.schemas.search import Said

NOTE = validate.And(
    validate.Length(0, 200, error="must be at most 200 characters"),
    validate.Predicate("isprintable", error="must be one line of printable characters"),
)


class NewCordonSchema(Said):
    """Why, and until when."""

    note = fields.String(load_default="", validate=NOTE)
    until = InstantField(
        load_default=None, allow_none=True, metadata={"description": "Left out: until somebody ends it"}
    )
