"""Bodies are JSON and say so; anything else is refused with a sentence instead of being read as empty."""

from typing import Any

from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType


class JsonParser(FlaskParser):
    """Reads arguments; a body of another type is a 415."""

    def load_json(self, req: Any, schema: Any) -> Any:
        """The decoded body of a request."""
        if req.content_length and not req.is_json:
            raise UnsupportedMediaType
        return super().load_json(req, schema)


class JsonBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint of the API."""

    ARGUMENTS_PARSER = JsonParser()
