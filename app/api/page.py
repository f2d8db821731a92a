"""One page of a list: filtered by the query language, in a total order, cut at a cursor."""

import base64
import binascii
import time
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Generic, TypeVar

from app.domain.errors import InvalidInput
from app.domain.order import Orders
from app.domain.query import Language

T = TypeVar("T")
PER_TURN = 2000  # items that are asked before others get a turn
ANCHORS = 5  # items that a cursor names, so that it finds its place when some of them are removed


@dataclass(frozen=True)
class Page(Generic[T]):
    """The items of one page. `matched` counts all pages; `next_cursor` is None on the last."""

    items: list[T]
    matched: int
    next_cursor: str | None


@dataclass(frozen=True)
class Pager(Generic[T]):
    """Cuts pages from one kind of item. An id holds no comma."""

    language: Language[T]
    orders: Orders[T]

    def page(self, items: list[T], query: str, sort: str, limit: int | None, cursor: str | None) -> Page[T]:
        """Raises QueryError for a bad filter or order, InvalidInput for a cursor that we did not make."""
        wanted = self.language.parse(query)
        key = self.orders.sort_key(sort)
        keyed: list[tuple[tuple[Any, ...], T]] = []
        for start in range(0, len(items), PER_TURN):
            keyed += [(key(item), item) for item in items[start : start + PER_TURN] if wanted.matches(item)]
            time.sleep(0)  # heartbeats get their turn: under gevent all requests share one thread
        keyed.sort(key=itemgetter(0))  # the keys are made in turns: comparing them is what is left to do at once
        matching = [item for _, item in keyed]
        start = self._start(matching, cursor) if cursor else 0
        end = len(matching) if limit is None else start + limit
        chosen = matching[start:end]
        more = end < len(matching)
        return Page(chosen, len(matching), self._encode(end, chosen[-ANCHORS:]) if more and chosen else None)

    def _encode(self, offset: int, last: list[T]) -> str:
        return base64.urlsafe_b64encode(f"{offset}:{','.join(map(self.orders.identity, last))}".encode()).decode()

    def _start(self, matching: list[T], cursor: str) -> int:
        """After the item that ended the last page, wherever a live order has moved it; if gone, after its neighbour.

        If all of them are gone a page may repeat items, but loses none.
        """
        try:
            offset, _, ids = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
            count, anchors = int(offset), ids.split(",")
        except (ValueError, binascii.Error) as fault:
            raise InvalidInput("The cursor is not valid; start again without it", {"cursor": "is not valid"}) from fault
        places = {self.orders.identity(item): index for index, item in enumerate(matching, 1)}
        return next((places[anchor] for anchor in reversed(anchors) if anchor in places), max(count - len(anchors), 0))
