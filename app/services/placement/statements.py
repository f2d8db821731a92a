"""What placement asks the database: the conditions and the order of domain/placement, in the same arithmetic."""

from sqlalchemy import TextClause, text

from app.domain.placement import Demand

# Agents of the role by failure domain, without the one that is to be placed.
_SPREAD = """
WITH spread AS MATERIALIZED (
    SELECT failure_domain, count(*) - CASE WHEN failure_domain = (
        SELECT failure_domain FROM agents WHERE agent_id = :agent_id AND role = :role AND node_id IS NOT NULL)
        THEN 1 ELSE 0 END AS agents
    FROM agents WHERE role = :role AND node_id IS NOT NULL GROUP BY failure_domain)
"""
# All that the rules look at: read of the few nodes that they are asked about.
EVERYBODY = (
    _SPREAD
    + """
SELECT n.node_id, n.status, n.schedulable, n.capabilities, n.labels, n.cpu_usage, n.memory_usage, n.memory_mb,
    n.cpu_count, n.agents_seen + n.promised_agents AS agents, n.promised_memory_mb, n.promised_cpu,
    n.managed AND n.assignments_seen IS NOT NULL AS assignable, n.assigned_memory_mb, n.assigned_cpu,
    coalesce(n.last_heartbeat >= :alive_since, false) AS alive, coalesce(s.agents, 0) AS same_role
FROM cluster_nodes n LEFT JOIN spread s USING (failure_domain)
"""
)
_ALIVE = "coalesce(n.last_heartbeat >= :alive_since, false) AND n.schedulable"
_ASSIGNABLE = "n.managed AND n.assignments_seen IS NOT NULL"
_CAPABLE = "n.capabilities @> CAST(:capabilities AS text[])"
_LABELLED = "n.labels @> CAST(:labels AS jsonb)"
_MEMORY = """least(floor(n.memory_mb * (1 - coalesce(n.memory_usage, 0))) - n.promised_memory_mb,
    n.memory_mb - n.assigned_memory_mb) >= :memory_mb"""
_CPU = """least(n.cpu_count * (1 - coalesce(n.cpu_usage, 0)) - n.promised_cpu,
    n.cpu_count - n.assigned_cpu) >= :cpu_weight"""
_USAGE = 'coalesce(n.cpu_usage, 1), coalesce(n.memory_usage, 1), n.node_id COLLATE "C"'

ONE = text(f"{EVERYBODY} WHERE n.node_id = :node_id")
THESE = text(f"{EVERYBODY} WHERE n.node_id = ANY(:node_ids) AND n.node_id <> ALL(:exclude)")


def ranked(demand: Demand, role: str | None, leave_out: bool) -> TextClause:
    """The best nodes, `:count` of them: one pass over all nodes for their ids alone, and the rest of these few.

    Nothing is asked that the demand does not need: each condition costs time for each of ten thousand nodes.
    """
    conditions = f"{fits(demand)}{' AND n.node_id <> ALL(:exclude)' if leave_out else ''}"
    joined, same_role = ("LEFT JOIN spread s USING (failure_domain)", "coalesce(s.agents, 0),") if role else ("", "")
    order = f"n.status = 'degraded', n.agents_seen + n.promised_agents, {same_role} {_USAGE}"
    # All of it is written above: what a demand holds is bound, and only chooses among it.
    found = f"SELECT n.node_id FROM cluster_nodes n {joined} WHERE {conditions} ORDER BY {order} LIMIT :count"  # noqa: S608
    return text(f"{EVERYBODY} WHERE n.node_id = ANY(ARRAY({found}))")


def unfit(demand: Demand) -> TextClause:
    """Nodes that cannot take it, `:count` of them (null: all)."""
    return text(f"{EVERYBODY} WHERE n.node_id <> ALL(:exclude) AND ({fits(demand)}) IS NOT TRUE LIMIT :count")


def fits(demand: Demand) -> str:
    """The conditions under which a node can take it."""
    needed = {
        _ALIVE: True,
        _ASSIGNABLE: demand.assigned,
        _CAPABLE: bool(demand.capabilities),
        _LABELLED: bool(demand.labels),
        _MEMORY: bool(demand.memory_mb),
        _CPU: bool(demand.cpu_weight),
    }
    return " AND ".join(condition for condition, asked in needed.items() if asked)
