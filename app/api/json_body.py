"""Bodies are JSON and say so, ids of nodes are possible ones; anything else is refused before a view runs."""

from typing import Any

import orjson
from flask_smorest import Blueprint
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from app.domain.errors import InvalidInput, NodeNotFound
from app.domain.json_limits import excess
from app.domain.nodes.registration import NODE_ID


class JsonParser(FlaskParser):
    """Reads arguments; a body of another type is a 415."""

    def load_json(self, req: Any, schema: Any) -> Any:
        """The decoded body of a request. Strict: no NaN, no half characters, nothing compressed, no excess."""
        del schema
        if req.content_length and not req.is_json:
            raise UnsupportedMediaType
        raw = req.get_data(cache=False)
        if not raw:
            return missing
        if not req.is_json or req.headers.get("Content-Encoding", "identity") != "identity":
            raise UnsupportedMediaType
        return _decode(raw)

    def load_querystring(self, req: Any, schema: Any) -> Any:
        """The parameters of a request. No text in the database holds a NUL, so nothing can be found by one."""
        if any("\0" in value for _, value in req.args.items(multi=True)):
            raise InvalidInput("A parameter holds a NUL character")
        return super().load_querystring(req, schema)


def _decode(raw: bytes) -> Any:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise InvalidInput("The body is not valid JSON") from fault
    if too_much := excess(body):
        raise InvalidInput(f"The body has {too_much}")
    return body


class JsonBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint of the API."""

    ARGUMENTS_PARSER = JsonParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url_value_preprocessor(_refuse_impossible_node)


def _refuse_impossible_node(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """No node can have such an id, and Postgres would fail a whole batch of heartbeats because of a NUL in it."""
    node_id = values.get("node_id") if values else None
    if node_id is not None and not NODE_ID.fullmatch(node_id):
        raise NodeNotFound
