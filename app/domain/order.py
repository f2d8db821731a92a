"""The orders of lists; each is total, so that pages cut from it never overlap."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.domain.query import QueryError, shown

T = TypeVar("T")


@dataclass(frozen=True)
class Orders(Generic[T]):
    """The orders of one kind of item, each a value to sort by, and the id by which equal items stand."""

    by: Mapping[str, Callable[[T], Any]]
    identity: Callable[[T], str]

    def sort_key(self, name: str) -> Callable[[T], tuple[Any, ...]]:
        """The key function of an order; a leading `-` reverses it. Raises QueryError for an unknown name.

        Items without the value come last either way, and equal ones stand by their id.
        """
        backwards = name.startswith("-")
        order = self.by.get(name.removeprefix("-"))
        if order is None:
            raise QueryError(
                f'"{shown(name)}" is not an order; use one of {", ".join(self.by)}, or -name', name, "sort"
            )

        def key(item: T) -> tuple[Any, ...]:
            value = order(item)
            if value is None:
                return (1, 0, self.identity(item))
            return (0, _backwards(value) if backwards else value, self.identity(item))

        return key


def _backwards(value: Any) -> Any:
    # Numbers compare many times faster than objects of ours.
    return -value if isinstance(value, int | float) else Reversed(value)


def negative(number: float | None) -> float | None:
    """Largest first."""
    return None if number is None else -number


@dataclass(frozen=True)
class Reversed:
    """Sorts the other way round, whatever it holds."""

    value: Any

    def __lt__(self, other: "Reversed") -> bool:
        return bool(other.value < self.value)
