"""One page of a list of nodes: filtered by the query language, in a total order, cut at a cursor."""

import base64
import binascii
from dataclasses import dataclass

from app.domain.errors import InvalidInput
from app.domain.node import Node
from app.domain.node_order import sort_key
from app.domain.node_query import parse

ANCHORS = 5  # nodes that a cursor names, so that it finds its place when some of them are removed


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
    return Page(chosen, len(matching), _encode(end, chosen[-ANCHORS:]) if more and chosen else None)


def _encode(offset: int, last: list[Node]) -> str:
    return base64.urlsafe_b64encode(f"{offset}:{','.join(node.node_id for node in last)}".encode()).decode()


def _start(matching: list[Node], cursor: str) -> int:
    """After the node that ended the last page, wherever a live order has moved it; if it is gone, after its neighbour.

    If all of them are gone a page may repeat nodes, but loses none.
    """
    try:
        offset, _, ids = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        count, anchors = int(offset), ids.split(",")
    except (ValueError, binascii.Error) as fault:
        raise InvalidInput("The cursor is not valid; start again without it", {"cursor": "is not valid"}) from fault
    places = {node.node_id: index for index, node in enumerate(matching, 1)}
    return next((places[anchor] for anchor in reversed(anchors) if anchor in places), max(count - len(anchors), 0))
