"""The filter language of node lists: `gpu cap:voice cpu:>80 -platform:darwin`, and the orders they can have."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

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
STATUS_RANK = {"offline": 0, "degraded": 1, "online": 2}


class Named(Protocol):
    """An issue, as far as a filter looks at it."""

    @property
    def code(self) -> str: ...


class Queryable(Protocol):
    """What a filter and an order look at. Usage is a share from 0 to 1; None means never reported."""

    @property
    def node_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def arch(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def capabilities(self) -> tuple[str, ...]: ...
    @property
    def agents(self) -> tuple[str, ...]: ...
    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def cpu_usage(self) -> float | None: ...
    @property
    def memory_usage(self) -> float | None: ...
    @property
    def disk_usage(self) -> float | None: ...
    @property
    def cpu_count(self) -> int: ...
    @property
    def memory_mb(self) -> int: ...
    @property
    def schedulable(self) -> bool: ...
    @property
    def issues(self) -> Sequence[Named]: ...
    @property
    def last_heartbeat(self) -> datetime | None: ...
    @property
    def registered_at(self) -> datetime | None: ...


# True and False are answers; None means that the node never reported what was asked.
Test = Callable[[Queryable], bool | None]
Field = Callable[[Queryable], float | None]


class QueryError(ValueError):
    """A filter or an order cannot be understood. The sentence is for people; `term` is the part at fault."""

    def __init__(self, message: str, term: str) -> None:
        super().__init__(message)
        self.term = term


@dataclass(frozen=True)
class Term:
    """One condition as it was typed. What a node never reported matches neither a comparison nor its negation."""

    text: str
    negated: bool
    test: Test

    def matches(self, node: Queryable) -> bool:
        """Whether the node fulfils this condition."""
        answer = self.test(node)
        return answer is not None and answer is not self.negated


@dataclass(frozen=True)
class NodeQuery:
    """A filter, read once and asked for each node. No terms match every node."""

    terms: tuple[Term, ...]

    def matches(self, node: Queryable) -> bool:
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


def sort_key(name: str) -> Callable[[Queryable], tuple[Any, ...]]:
    """The key function of an order; a leading `-` reverses it. Raises QueryError for an unknown name.

    status: worst first; name: A to Z; cpu, mem, disk, agents: largest first; seen: latest first;
    registered: earliest first. Nodes without the value come last either way, and equal nodes stand
    by node_id, so that the order is total and pages cut from it never overlap.
    """
    backwards = name.startswith("-")
    order = ORDERS.get(name.removeprefix("-"))
    if order is None:
        raise QueryError(f'"{_shown(name)}" is not an order; use one of {", ".join(ORDERS)}, or -name', name)

    def key(node: Queryable) -> tuple[Any, ...]:
        value = order(node)
        if value is None:
            return (1, 0, node.node_id)
        return (0, _Reversed(value) if backwards else value, node.node_id)

    return key


def _term(text: str) -> Term:
    negated = text.startswith("-") and len(text) > 1
    body = text[1:] if negated else text
    typed = KEY.fullmatch(body)
    if typed is None:
        return Term(text, negated, _text(_unquoted(body, text)))
    key, rest = typed.groups()
    build = KEYS.get(key)
    if build is None:
        raise _fault(text, f'has no key that we know ("{_shown(key)}"); put text with a colon in quotes')
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


def _prefix(field: Callable[[Queryable], str]) -> "Builder":
    return lambda _term, values: lambda node: field(node).casefold().startswith(tuple(values))


def _substring(field: Callable[[Queryable], str]) -> "Builder":
    return lambda _term, values: lambda node: any(value in field(node).casefold() for value in values)


def _member(field: Callable[[Queryable], tuple[str, ...]]) -> "Builder":
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

    def test(node: Queryable) -> bool:
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

        def test(node: Queryable) -> bool | None:
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
    return QueryError(f'The filter term "{_shown(term)}" {fault}; the keys are {", ".join(KEYS)}', term)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _negative(number: float | None) -> float | None:
    return None if number is None else -number


@dataclass(frozen=True)
class _Reversed:
    """Sorts the other way round, whatever it holds."""

    value: Any

    def __lt__(self, other: "_Reversed") -> bool:
        return bool(other.value < self.value)


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
ORDERS: Mapping[str, Callable[[Queryable], Any]] = {
    "status": lambda node: STATUS_RANK.get(node.status, len(STATUS_RANK)),
    "name": lambda node: node.name.casefold(),
    "cpu": lambda node: _negative(node.cpu_usage),
    "mem": lambda node: _negative(node.memory_usage),
    "disk": lambda node: _negative(node.disk_usage),
    "agents": lambda node: -len(node.agents),
    "seen": lambda node: node.last_heartbeat and -node.last_heartbeat.timestamp(),
    "registered": lambda node: node.registered_at and node.registered_at.timestamp(),
}
