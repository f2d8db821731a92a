"""Which of the nodes that can take an agent is the best one, and what the others lack to be it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.placement.candidate import Candidate, Demand
from app.domain.placement.objection import Objection, find_objection
from app.domain.placement.refusal import NoCapacity, shortest_first

MOST_OTHERS = 20


@dataclass(frozen=True)
class Other:
    """A node that was not chosen, and why, as words that follow its name; `score` None: it cannot take the agent."""

    node_id: str
    reason: str
    score: float | None = None


@dataclass(frozen=True)
class Decision:
    """The chosen node, its score, and some others: the next best first, then those that cannot take the agent."""

    node_id: str
    score: float
    others: tuple[Other, ...]


def best_node(candidates: Iterable[Candidate], demand: Demand) -> Candidate:
    """The best node without an objection; the same one whatever the order of `candidates`. Raises NoCapacity."""
    fitting, _ = _ranked(candidates, demand)
    return fitting[0]


def decide(candidates: Iterable[Candidate], demand: Demand) -> Decision:
    """The best node, and what is to be said about the others. Raises NoCapacity."""
    (best, *rest), refused = _ranked(candidates, demand)
    others = [Other(one.node_id, _behind(one, best), score(one)) for one in rest]
    unfit = sorted(((node_id, found.of_one) for node_id, found in refused), key=shortest_first)
    others += [Other(node_id, reason) for node_id, reason in unfit]
    return Decision(best.node_id, score(best), tuple(others[:MOST_OTHERS]))


def score(candidate: Candidate) -> float:
    """From 0 to 100, higher is better: half of it for being online, half for having few agents.

    A summary for people: of two nodes with the same score the order may still be clear.
    """
    return round(50.0 * (candidate.status == "online") + 50.0 / (1 + candidate.agents), 1)


def order(candidate: Candidate) -> tuple[bool, int, int, float, float, str]:
    """What is compared, one after the other, the smaller the better; the id settles the rest.

    Online before degraded, fewest agents, fewest agents of the same role in its failure domain, least CPU, least
    memory in use. Usage that is not known counts as full.
    """
    cpu, memory = candidate.cpu_usage, candidate.memory_usage
    return (
        candidate.status != "online",
        candidate.agents,
        candidate.same_role,
        1.0 if cpu is None else cpu,
        1.0 if memory is None else memory,
        candidate.node_id,
    )


def _ranked(candidates: Iterable[Candidate], demand: Demand) -> tuple[Sequence[Candidate], list[tuple[str, Objection]]]:
    refused: list[tuple[str, Objection]] = []
    fitting: list[Candidate] = []
    for candidate in candidates:
        if found := find_objection(candidate, demand):
            refused.append((candidate.node_id, found))
        else:
            fitting.append(candidate)
    if not fitting:
        raise NoCapacity(refused)
    return sorted(fitting, key=order), refused


def _behind(one: Candidate, best: Candidate) -> str:
    """Why another node was better: the first thing in which they differ."""
    told = (
        "is degraded",
        f"has {_agents(one.agents)}, {best.node_id} has {best.agents}",
        f"has {_agents(one.same_role)} of the role in its failure domain, {best.node_id} has {best.same_role}",
        f"uses {_percent(one.cpu_usage)} of its CPU, {best.node_id} {_percent(best.cpu_usage)}",
        f"uses {_percent(one.memory_usage)} of its memory, {best.node_id} {_percent(best.memory_usage)}",
    )
    pairs = zip(told, order(one), order(best), strict=False)
    return next((words for words, mine, theirs in pairs if mine != theirs), f"is as good, {best.node_id} comes first")


def _agents(count: int) -> str:
    return f"{count} agent{'' if count == 1 else 's'}"


def _percent(share: float | None) -> str:
    return "an unknown part" if share is None else f"{share:.0%}"
