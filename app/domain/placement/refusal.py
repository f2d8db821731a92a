"""That no node can take an agent, node by node or counted."""

from collections.abc import Sequence

from app.domain.placement.objection import Objection

NAMED = 5  # up to so many refusals are told node by node, more are counted by reason


class NoCapacity(Exception):
    """No node can take the agent. `reasons` holds each node's id and objection, the shortest first."""

    def __init__(self, refused: Sequence[tuple[str, Objection]]) -> None:
        super().__init__(summary(refused))
        self.reasons = sorted(((node_id, found.of_one) for node_id, found in refused), key=shortest_first)


def shortest_first(refusal: tuple[str, str]) -> tuple[int, str, str]:
    """The order in which refusals are read: what is said quickly comes first."""
    node_id, reason = refusal
    return len(reason), reason, node_id


def summary(refused: Sequence[tuple[str, Objection]]) -> str:
    """One sentence about all of them."""
    if not refused:
        return "there are no nodes"
    if len(refused) <= NAMED:
        return "; ".join(f"{node_id} {found.of_one}" for node_id, found in sorted(refused, key=lambda pair: pair[0]))
    groups: dict[str, list[str]] = {}
    for _, found in refused:
        groups.setdefault(found.of_many, []).append(found.of_one)
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    counts = [f"{len(ones)} {many if len(ones) > 1 else ones[0]}" for many, ones in ranked[:NAMED]]
    if others := sum(len(ones) for _, ones in ranked[NAMED:]):
        counts.append(f"{others} for other reasons")
    return f"of {len(refused)} nodes {'; '.join(counts)}"
