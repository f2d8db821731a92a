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
_EVERYBODY = """
SELECT n.node_id, n.status, n.schedulable, n.capabilities, n.labels, n.cpu_usage, n.memory_usage, n.memory_mb,
    n.cpu_count, n.agents_seen + n.promised_agents AS agents, n.promised_memory_mb, n.promised_cpu,
    n.managed AND n.assignments_seen IS NOT NULL AS assignable, n.assigned_memory_mb, n.assigned_cpu,
    coalesce(n.last_heartbeat >= :alive_since, false) AS alive, coalesce(s.agents, 0) AS same_role
FROM cluster_nodes n LEFT JOIN spread s USING (failure_domain)
"""
EVERYBODY = _SPREAD + _EVERYBODY
# The last of the best among a few nodes, any few: whoever is behind it is not among the best of all. Most nodes are,
# and this is seen at once, before anything dearer is asked of them. Nothing, where so few hold too few that fit.
_BOUND = """
bound AS MATERIALIZED (
    SELECT n.burden, {same_role} AS same_role, {cpu} AS cpu
    FROM cluster_nodes n TABLESAMPLE SYSTEM (:sample) {joined}
    WHERE {conditions} ORDER BY {order} OFFSET :count - 1 LIMIT 1)
"""
_WITHIN = """
(n.burden < coalesce((SELECT burden FROM bound), 2147483647) OR n.burden = (SELECT burden FROM bound)
    AND ({cpu} <= (SELECT cpu FROM bound){less_crowded}))
"""
_LESS_CROWDED = """ OR (SELECT same_role FROM bound) > 0 AND n.failure_domain NOT IN (
    SELECT s.failure_domain FROM spread s, bound b WHERE s.agents >= b.same_role)"""
# CASE keeps the order: Postgres would ask last what takes most words.
_BEST = """
SELECT n.node_id FROM cluster_nodes n {joined}
WHERE CASE WHEN {within} THEN {conditions} END ORDER BY {order} LIMIT :count
"""
_ALIVE = "coalesce(n.last_heartbeat >= :alive_since, false) AND n.schedulable"
_ASSIGNABLE = "n.managed AND n.assignments_seen IS NOT NULL"
_MEMORY = "n.free_memory_mb >= :memory_mb"
_CPU = "n.free_cpu >= :cpu_weight"
_CAPABLE = "n.capabilities @> CAST(:capabilities AS text[])"
_LABELLED = "n.labels @> CAST(:labels AS jsonb)"
_CPU_USAGE = "coalesce(n.cpu_usage, 1)"
_REST = 'coalesce(n.memory_usage, 1), n.node_id COLLATE "C"'

ONE = text(f"{EVERYBODY} WHERE n.node_id = :node_id")
THESE = text(f"{EVERYBODY} WHERE n.node_id = ANY(:node_ids) AND n.node_id <> ALL(:exclude)")


def ranked(demand: Demand, role: str | None, leave_out: bool) -> TextClause:
    """The best nodes, `:count` of them: one pass over all nodes for their ids alone, and the rest of these few.

    Nothing is asked that the demand does not need: each condition costs time for each of ten thousand nodes.
    `:sample` is the share of the nodes' pages, in percent, that is looked at first: it decides about the time only.
    """
    same_role = "coalesce(s.agents, 0)" if role else "0"
    parts = {
        "same_role": same_role,
        "cpu": _CPU_USAGE,
        "joined": "LEFT JOIN spread s USING (failure_domain)" if role else "",
        "conditions": f"{fits(demand)}{' AND n.node_id <> ALL(:exclude)' if leave_out else ''}",
        "order": f"n.burden, {f'{same_role}, ' if role else ''}{_CPU_USAGE}, {_REST}",
        "less_crowded": _LESS_CROWDED if role else "",
    }
    # All of it is written above: what a demand holds is bound, and only chooses among it.
    bound, best = _BOUND.format(**parts), _BEST.format(**parts, within=_WITHIN.format(**parts))
    return text(f"{_SPREAD}, {bound} {_EVERYBODY} WHERE n.node_id = ANY(ARRAY({best}))")


def unfit(demand: Demand) -> TextClause:
    """Nodes that cannot take it, `:count` of them (null: all)."""
    return text(f"{EVERYBODY} WHERE n.node_id <> ALL(:exclude) AND ({fits(demand)}) IS NOT TRUE LIMIT :count")


def fits(demand: Demand) -> str:
    """The conditions under which a node can take it, the cheap ones first."""
    needed = {
        _ALIVE: True,
        _ASSIGNABLE: demand.assigned,
        _MEMORY: bool(demand.memory_mb),
        _CPU: bool(demand.cpu_weight),
        _CAPABLE: bool(demand.capabilities),
        _LABELLED: bool(demand.labels),
    }
    return " AND ".join(condition for condition, asked in needed.items() if asked)
