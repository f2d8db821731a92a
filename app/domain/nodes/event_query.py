"""What people look for in the timeline of the fleet: words, each of which a line must hold."""

from dataclasses import dataclass

from app.domain.query import QueryError, minus, shown, split, unquoted


@dataclass(frozen=True)
class Word:
    """Text that a line holds, or with a minus does not hold; in lower case."""

    text: str
    negated: bool


def parse(text: str) -> tuple[Word, ...]:
    """Words parted by blanks; quotes keep blanks together, `-` before a word turns it round. Raises QueryError."""
    return tuple(_word(term) for term in split(text))


def _word(term: str) -> Word:
    negated, body = minus(term)
    if not body.isprintable():
        raise QueryError(f'The word "{shown(term)}" holds characters that no line has', term)
    try:
        return Word(unquoted(body), negated)
    except ValueError as fault:
        raise QueryError(f'The word "{shown(term)}" {fault}', term) from fault
