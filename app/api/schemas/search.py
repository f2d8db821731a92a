"""What is sent to us, and a search among it."""

from marshmallow import EXCLUDE, Schema, fields, validate


class Said(Schema):
    """What is sent to us: keys that we do not know are ignored."""

    class Meta:
        unknown = EXCLUDE


class SearchSchema(Said):
    """Words to search for; all must be found."""

    q = fields.String(load_default="", validate=validate.Length(0, 200, error="must be at most 200 characters"))
