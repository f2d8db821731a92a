"""The filter language of node lists: `gpu cap:voice cpu:>80 -platform:darwin`."""

from app.domain.nodes.node import Node
from app.domain.query import Language, Test, member, number, percent, prefix, substring


def _issue(values: list[str]) -> Test[Node]:
    """`any` and `none` are about having issues at all; everything else begins a code."""
    codes = tuple("" if value == "any" else value for value in values if value != "none")
    none = "none" in values
    return lambda node: any(i.code.casefold().startswith(codes) for i in node.issues) or (none and not node.issues)


def _label(values: list[str]) -> Test[Node]:
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


def _is(values: list[str]) -> Test[Node]:
    if not {*values} <= {"schedulable", "cordoned"}:
        raise ValueError("must be is:schedulable or is:cordoned")
    return lambda node: ("schedulable" if node.schedulable else "cordoned") in values


NODES: Language[Node] = Language(
    words=lambda node: (node.name, node.host, node.node_id),
    keys={
        "cap": member(lambda node: node.capabilities),
        "status": prefix(lambda node: node.status),
        "platform": prefix(lambda node: node.platform),
        "arch": prefix(lambda node: node.arch),
        "version": prefix(lambda node: node.version),
        "id": substring(lambda node: (node.node_id,)),
        "name": substring(lambda node: (node.name,)),
        "host": substring(lambda node: (node.host,)),
        "agent": member(lambda node: node.agents),
        "label": _label,
        "issue": _issue,
        "is": _is,
        "cpu": number(lambda node: percent(node.cpu_usage)),
        "mem": number(lambda node: percent(node.memory_usage)),
        "disk": number(lambda node: percent(node.disk_usage)),
        "cpus": number(lambda node: node.cpu_count or None),
        "memory": number(lambda node: node.memory_mb or None),
        "agents": number(lambda node: len(node.agents)),
    },
)
KEYS = NODES.keys
parse = NODES.parse
