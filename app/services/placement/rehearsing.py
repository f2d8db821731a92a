"""Decide for several agents one after the other, without carrying any of it out."""

from app.domain.placement import Claim, Decision, Demand
from app.services.placement.deciding import choose


class Rehearsal:
    """Each decision reckons with those before it, as if they had been carried out. Within the current transaction.

    How agents of a role spread over failure domains is taken as it is now.
    """

    def __init__(self, leave: str) -> None:
        self._leave = leave
        self._given: dict[str, list[Claim]] = {}

    def choose(self, demand: Demand, role: str | None, agent_id: str) -> Decision:
        """The best node but the one that is left. Raises NoCapacity."""
        decision = choose(demand, role, agent_id, {self._leave}, self._given)
        self._given.setdefault(decision.node_id, []).append(Claim(demand.memory_mb, demand.cpu_weight))
        return decision
