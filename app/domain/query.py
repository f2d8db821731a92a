"""The filter language of lists: terms parted by blanks, each about one field or free text; see `parse`."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MAX_LENGTH = 500
MAX_TERMS = 40
SHOWN = 40  # characters of a term that an error repeats

# Blanks part terms and commas part values, but neither does so between quotes.
TERM = re.compile(r'(?:[^\s"]|"[^"]*")+')
KEY = re.compile(r'([^\s:"]+):(.*)', re.DOTALL)
VALUE = re.compile(r'(?:[^,"]|"[^"]*")+')
NUMBER = re.compile(r"([<>]=?)?(\d{1,9}(?:\.\d{1,6})?)", re.ASCII)
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

# True and False are answers; None means that what was asked was never reported.
Test = Callable[[T], bool | None]
Builder = Callable[[list[str]], Test[T]]  # from the values of a term; raises ValueError with what is wrong


class QueryError(ValueError):
    """A filter or an order cannot be understood. The sentence is for people; `term` is the part at fault."""

    def __init__(self, message: str, term: str, parameter: str = "q") -> None:
        super().__init__(message)
        self.term, self.parameter = term, parameter


@dataclass(frozen=True)
class Term(Generic[T]):
    """One condition as it was typed. What was never reported matches neither a comparison nor its negation."""

    text: str
    negated: bool
    test: Test[T]

    def matches(self, item: T) -> bool:
        """Whether the item fulfils this condition."""
        answer = self.test(item)
        return answer is not None and answer is not self.negated


@dataclass(frozen=True)
class Query(Generic[T]):
    """A filter, read once and asked for each item. No terms match every item."""

    terms: tuple[Term[T], ...]

    def matches(self, item: T) -> bool:
        """Whether the item fulfils all terms."""
        return all(term.matches(item) for term in self.terms)


@dataclass(frozen=True)
class Language(Generic[T]):
    """What can be asked about one kind of item: the keys, and the fields in which a bare word looks."""

    keys: Mapping[str, Builder[T]]
    words: Callable[[T], Iterable[str]]

    def parse(self, text: str) -> Query[T]:
        """Read a filter: terms parted by blanks, all of which must hold; letter case never matters.

        `word` looks in the fields for words; `key:a,b` in that field alone, for a or b; `-` before a term
        turns it round; quotes keep blanks, commas and colons together. Numbers take `>80 >=80 <20 <=20`,
        and a bare `80` means at least 80. Raises QueryError.
        """
        return Query(tuple(self._term(term) for term in split(text)))

    def _term(self, text: str) -> Term[T]:
        negated, body = minus(text)
        typed = KEY.fullmatch(body)
        try:
            if typed is None:
                return Term(text, negated, substring(self.words)([unquoted(body)]))
            key, rest = typed.groups()
            if key not in self.keys:
                raise ValueError(f'has no key that we know ("{shown(key)}"); put text with a colon in quotes')
            values = [unquoted(value) for value in VALUE.findall(rest)]
            if not values:
                raise ValueError("has no value")
            return Term(text, negated, self.keys[key](values))
        except ValueError as fault:
            keys = ", ".join(self.keys)
            raise QueryError(f'The filter term "{shown(text)}" {fault}; the keys are {keys}', text) from fault


def split(text: str) -> list[str]:
    """The terms of a filter, in lower case. Raises QueryError."""
    if len(text) > MAX_LENGTH:
        raise QueryError(f"The filter is longer than {MAX_LENGTH} characters", text)
    if text.count('"') % 2:
        raise QueryError("The filter has a quote that is never closed", text[text.rindex('"') :])
    terms = TERM.findall(text.casefold())
    if len(terms) > MAX_TERMS:
        raise QueryError(f"The filter has more than {MAX_TERMS} terms", terms[MAX_TERMS])
    return terms


def minus(term: str) -> tuple[bool, str]:
    """Whether a term is turned round, and the term without its minus."""
    negated = term.startswith("-") and len(term) > 1
    return negated, term[1:] if negated else term


def unquoted(raw: str) -> str:
    """A value without its quotes. Raises ValueError when nothing is left."""
    if not (value := raw.replace('"', "")):
        raise ValueError("has an empty value")
    return value


def prefix(field: Callable[[T], str]) -> Builder[T]:
    """The field begins with one of the values."""
    return lambda values: lambda item: field(item).casefold().startswith(tuple(values))


def substring(fields: Callable[[T], Iterable[str]]) -> Builder[T]:
    """One of the fields holds one of the values."""
    return lambda values: lambda item: any(value in field.casefold() for field in fields(item) for value in values)


def member(field: Callable[[T], tuple[str, ...]]) -> Builder[T]:
    """One of the field's items is one of the values."""
    return lambda values: lambda item: any(one.casefold() in values for one in field(item))


def yes_or_no(field: Callable[[T], bool]) -> Builder[T]:
    """The field is so: `yes` or `no`."""

    def build(values: list[str]) -> Test[T]:
        if not {*values} <= {"yes", "no"}:
            raise ValueError("must be yes or no")
        return lambda item: ("yes" if field(item) else "no") in values

    return build


def number(field: Callable[[T], float | None]) -> Builder[T]:
    """The field fulfils one of the comparisons."""

    def build(values: list[str]) -> Test[T]:
        checks = [_comparison(value) for value in values]

        def test(item: T) -> bool | None:
            found = field(item)
            return None if found is None else any(check(found) for check in checks)

        return test

    return build


def percent(share: float | None) -> float | None:
    """A share as people type it."""
    return None if share is None else round(share * 100, 6)  # 0.29 * 100 falls short of 29


def shown(text: str) -> str:
    """A text as an error may repeat it."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _comparison(value: str) -> Callable[[float], bool]:
    found = NUMBER.fullmatch(value)
    if found is None:
        raise ValueError("needs a number such as >80, >=80, <20, <=20 or 80 (at least 80)")
    compare, limit = COMPARE[found[1] or ">="], float(found[2])
    return lambda number: compare(number, limit)
