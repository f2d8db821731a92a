"""The timeline of the whole fleet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select

from app.domain.nodes.event_query import Word
from app.extensions import db
from app.models import NodeRow, NodeTransition
from app.services.transaction import transaction

Chosen = TypeVar("Chosen", bound=Select[*tuple[Any, ...]])
SEARCHED = 50_000  # lines that one search looks at, newest first: no word makes it read years of them

_NAME = func.coalesce(NodeRow.name, NodeTransition.node_id)
# One text per line, so that a word costs one comparison. The parts are kept apart by line feeds: no word spans two.
_TEXT = func.lower(
    func.concat_ws(
        "\n",
        NodeTransition.node_id,
        _NAME,
        NodeTransition.from_status,
        NodeTransition.to_status,
        NodeTransition.reason,
        NodeTransition.message,
        func.array_to_string(NodeTransition.agents, "\n"),
    )
)


@dataclass(frozen=True)
class Events:
    """Lines, newest first. `next_before` asks for older ones; a page can be short, or empty, and not the last."""

    lines: Sequence[Any]
    next_before: int | None


def events(words: Sequence[Word], node_id: str | None, before: int | None, limit: int) -> Events:
    """Changes of nodes' status older than line `before`, each with the name of its node."""
    with transaction():
        oldest = _oldest(node_id, before) if words else None
        chosen = _within(select(NodeTransition.__table__, _NAME.label("node_name")), node_id, before)
        chosen = chosen.join(NodeRow, NodeRow.node_id == NodeTransition.node_id, isouter=True)
        if oldest is not None:
            chosen = chosen.where(NodeTransition.id >= oldest)
        chosen = chosen.where(*map(_holds, words)).order_by(NodeTransition.id.desc()).limit(limit)
        lines = db.session.execute(chosen).all()
    return Events(lines, lines[-1].id if len(lines) == limit else oldest)


def _within(chosen: Chosen, node_id: str | None, before: int | None) -> Chosen:
    if node_id is not None:
        chosen = chosen.where(NodeTransition.node_id == node_id)
    return chosen if before is None else chosen.where(NodeTransition.id < before)


def _oldest(node_id: str | None, before: int | None) -> int | None:
    """The last line that a search looks at; None when there are not so many."""
    last = _within(select(NodeTransition.id), node_id, before).order_by(NodeTransition.id.desc())
    found: int | None = db.session.scalar(last.offset(SEARCHED - 1).limit(1))
    return found


def _holds(word: Word) -> ColumnElement[bool]:
    found = _TEXT.contains(word.text, autoescape=True)
    return ~found if word.negated else found
