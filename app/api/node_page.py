"""One page of a list of nodes: filtered by the query language, in a total order, cut at a cursor."""

import base64
import binascii
from dataclasses import dataclass

from app.domain.errors import InvalidInput
from app.domain.node import Node
from app.domain.node_order import sort_key
from app.domain.node_query import parse


@dataclass(frozen=True)
class Page:
    """The nodes of one page. `matched` counts all pages; `next_cursor` is None on the last."""

    nodes: list[Node]
    matched: int
    next_cursor: str | None


def page(nodes: list[Node], query: str, sort: str, limit: int | None, cursor: str | None) -> Page:
    """Raises QueryError for a bad filter or order, InvalidInput for a cursor that we did not make."""
    wanted = parse(query)
    matching = sorted((node for node in nodes if wanted.matches(node)), key=sort_key(sort))
    start = _start(matching, cursor) if cursor else 0
    end = len(matching) if limit is None else start + limit
    chosen = matching[start:end]
    more = end < len(matching)
    return Page(chosen, len(matching), _encode(end, chosen[-1].node_id) if more and chosen else None)


def _encode(offset: int, node_id: str) -> str:
    return base64.urlsafe_b64encode(f"{offset}:{node_id}".encode()).decode()


def _start(matching: list[Node], cursor: str) -> int:
    """After the node that ended the last page, wherever a live order has moved it; else by count."""
    try:
        offset, _, node_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        count = int(offset)
    except (ValueError, binascii.Error) as fault:
        raise InvalidInput("The cursor is not valid; start again without it", {"cursor": "is not valid"}) from fault
    if 0 < count <= len(matching) and matching[count - 1].node_id == node_id:
        return count
    return next((index + 1 for index, node in enumerate(matching) if node.node_id == node_id), max(count, 0))
