"""Which node should take an agent, and why the others cannot or should not."""

from app.domain.placement.candidate import Candidate, Claim, Demand
from app.domain.placement.objection import objection
from app.domain.placement.ranking import Decision, Other, best_node, decide, score
from app.domain.placement.refusal import NoCapacity

__all__ = [
    "Candidate",
    "Claim",
    "Decision",
    "Demand",
    "NoCapacity",
    "Other",
    "best_node",
    "decide",
    "objection",
    "score",
]
