"""The filter language of node lists: `gpu cap:voice cpu:>80 -platform:darwin`."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.node import Node

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


# True and False are answers; None means that the node never reported what was asked.
Test = Callable[[Node], bool | None]
Field = Callable[[Node], float | None]


class QueryError(ValueError):
    """A filter or an order cannot be understood. The sentence is for people; `term` is the part at fault."""

    def __init__(self, message: str, term: str, parameter: str = "q") -> None:
        super().__init__(message)
        self.term, self.parameter = term, parameter


@dataclass(frozen=True)
class Term:
    """One condition as it was typed. What a node never reported matches neither a comparison nor its negation."""

    text: str
    negated: bool
    test: Test

    def matches(self, node: Node) -> bool:
        """Whether the node fulfils this condition."""
        answer = self.test(node)
        return answer is not None and answer is not self.negated


@dataclass(frozen=True)
class NodeQuery:
    """A filter, read once and asked for each node. No terms match every node."""

    terms: tuple[Term, ...]

    def matches(self, node: Node) -> bool:
        """Whether the node fulfils all terms."""
        return all(term.matches(node) for term in self.terms)


def parse(text: str) -> NodeQuery:
    """Read a filter: terms parted by blanks, all of which must hold; letter case never matters.

    `word` looks in name, host and id; `key:a,b` in that field alone, for a or b; `-` before a term
    turns it round; quotes keep blanks, commas and colons together. Numbers take `>80 >=80 <20 <=20`,
    and a bare `80` means at least 80. Raises QueryError.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"The filter is longer than {MAX_LENGTH} characters", text)
    if text.count('"') % 2:
        raise QueryError("The filter has a quote that is never closed", text[text.rindex('"') :])
    terms = TERM.findall(text.casefold())
    if len(terms) > MAX_TERMS:
        raise QueryError(f"The filter has more than {MAX_TERMS} terms", terms[MAX_TERMS])
    return NodeQuery(tuple(_term(term) for term in terms))


def _term(text: str) -> Term:
    negated = text.startswith("-") and len(text) > 1
    body = text[1:] if negated else text
    typed = KEY.fullmatch(body)
    if typed is None:
        return Term(text, negated, _text(_unquoted(body, text)))
    key, rest = typed.groups()
    build = KEYS.get(key)
    if build is None:
        raise _fault(text, f'has no key that we know ("{shown(key)}"); put text with a colon in quotes')
    values = [_unquoted(value, text) for value in VALUE.findall(rest)]
    if not values:
        raise _fault(text, "has no value")
    return Term(text, negated, build(text, values))


def _unquoted(raw: str, term: str) -> str:
    if not (value := raw.replace('"', "")):
        raise _fault(term, "has an empty value")
    return value


def _text(word: str) -> Test:
    return lambda node: any(word in field.casefold() for field in (node.name, node.host, node.node_id))


def _prefix(field: Callable[[Node], str]) -> "Builder":
    return lambda _term, values: lambda node: field(node).casefold().startswith(tuple(values))


def _substring(field: Callable[[Node], str]) -> "Builder":
    return lambda _term, values: lambda node: any(value in field(node).casefold() for value in values)


def _member(field: Callable[[Node], tuple[str, ...]]) -> "Builder":
    return lambda _term, values: lambda node: any(item.casefold() in values for item in field(node))


def _issue(_term: str, values: list[str]) -> Test:
    """`any` and `none` are about having issues at all; everything else begins a code."""
    codes = tuple("" if value == "any" else value for value in values if value != "none")
    none = "none" in values
    return lambda node: any(i.code.casefold().startswith(codes) for i in node.issues) or (none and not node.issues)


def _label(_term: str, values: list[str]) -> Test:
    """`region=eu,us` is either of the two; `region` alone is any node that has the label."""
    wanted: list[tuple[str, str | None]] = []
    for value in values:
        key, equals, rest = value.partition("=")
        if not equals and wanted and wanted[-1][1] is not None:
            key, equals, rest = wanted[-1][0], "=", value
        wanted.append((key, rest if equals else None))

    def test(node: Node) -> bool:
        labels = {key.casefold(): value.casefold() for key, value in node.labels.items()}
        return any(key in labels and value in (None, labels[key]) for key, value in wanted)

    return test


def _is(term: str, values: list[str]) -> Test:
    if not {*values} <= {"schedulable", "cordoned"}:
        raise _fault(term, "must be is:schedulable or is:cordoned")
    return lambda node: ("schedulable" if node.schedulable else "cordoned") in values


def _number(field: Field) -> "Builder":
    def build(term: str, values: list[str]) -> Test:
        checks = [_comparison(term, value) for value in values]

        def test(node: Node) -> bool | None:
            number = field(node)
            return None if number is None else any(check(number) for check in checks)

        return test

    return build


def _comparison(term: str, value: str) -> Callable[[float], bool]:
    found = NUMBER.fullmatch(value)
    if found is None:
        raise _fault(term, "needs a number such as >80, >=80, <20, <=20 or 80 (at least 80)")
    compare, limit = COMPARE[found[1] or ">="], float(found[2])
    return lambda number: compare(number, limit)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 6)  # 0.29 * 100 falls short of 29


def _fault(term: str, fault: str) -> QueryError:
    return QueryError(f'The filter term "{shown(term)}" {fault}; the keys are {", ".join(KEYS)}', term)


def shown(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


Builder = Callable[[str, list[str]], Test]  # from the term as typed and its values

KEYS: Mapping[str, Builder] = {
    "cap": _member(lambda node: node.capabilities),
    "status": _prefix(lambda node: node.status),
    "platform": _prefix(lambda node: node.platform),
    "arch": _prefix(lambda node: node.arch),
    "version": _prefix(lambda node: node.version),
    "id": _substring(lambda node: node.node_id),
    "name": _substring(lambda node: node.name),
    "host": _substring(lambda node: node.host),
    "agent": _member(lambda node: node.agents),
    "label": _label,
    "issue": _issue,
    "is": _is,
    "cpu": _number(lambda node: _percent(node.cpu_usage)),
    "mem": _number(lambda node: _percent(node.memory_usage)),
    "disk": _number(lambda node: _percent(node.disk_usage)),
    "cpus": _number(lambda node: node.cpu_count or None),
    "memory": _number(lambda node: node.memory_mb or None),
    "agents": _number(lambda node: len(node.agents)),
}
