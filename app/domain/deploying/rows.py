"""Many machines in one request: each a row, with what is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.deploying.request import DeployOrder
from app.domain.deploying.ssh import Login
from app.domain.errors import InvalidInput

MOST_MACHINES = 200
Faults = Mapping[str, str]  # by field


@dataclass(frozen=True)
class Row:
    """One machine of a list; `number` counts from 1, as people do. Without an order its faults say why."""

    number: int
    order: DeployOrder | None
    login: Login = field(default_factory=Login)
    faults: Faults = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)  # its words, for whoever has to mend them


@dataclass(frozen=True)
class Asked:
    """What one request asks for: one machine, or a list of them."""

    rows: tuple[Row, ...]
    many: bool = False


def orders_in(rows: Iterable[Row]) -> Iterator[tuple[Row, DeployOrder]]:
    """The rows that could be read, each with its order."""
    for row in rows:
        if row.order is not None:
            yield row, row.order


def faults_in(rows: Sequence[Row]) -> dict[int, Faults]:
    """What is wrong with each row: by itself, or because an earlier one names its machine or falls on its node id."""
    found: dict[int, Faults] = {row.number: row.faults for row in rows if row.faults}
    machines: dict[str, int] = {}
    nodes: dict[str, int] = {}
    for row, order in orders_in(rows):
        if (first := machines.setdefault(order.target.address, row.number)) != row.number:
            found[row.number] = {"host": f"row {first} names the same machine, {order.host} port {order.port}"}
        elif (first := nodes.setdefault(order.node_id, row.number)) != row.number:
            found[row.number] = {"nodeId": f"row {first} has the node id {order.node_id} too; give each its own"}
    return found


def refuse(faults: Mapping[int, Faults]) -> None:
    """Raises InvalidInput that names rows and fields, unless there are no faults. Nothing was started then."""
    if not faults:
        return
    fields = {f"rows.{number}.{name}": said for number, row in faults.items() for name, said in row.items()}
    number = min(faults)
    name, said = next(iter(faults[number].items()))
    others = f"; {len(faults) - 1} more rows are wrong" if len(faults) > 1 else ""
    raise InvalidInput(f"Row {number}, {name}: {said}{others}. Nothing was started", fields)
