"""What every change of what a node should run has to leave behind, in the same transaction."""

from collections.abc import Collection

from sqlalchemy import Connection, text

_LOCK = text("SELECT node_id FROM cluster_nodes WHERE node_id = ANY(:node_ids) ORDER BY node_id FOR UPDATE")
# A statement of its own after the lock: it must see what others committed while this one waited for it.
# An agent that moves counts at both ends.
_COUNT = text("""
UPDATE cluster_nodes n SET
    promised_agents = coalesce(c.promised_agents, 0), promised_memory_mb = coalesce(c.promised_memory_mb, 0),
    promised_cpu = coalesce(c.promised_cpu, 0), assigned_memory_mb = coalesce(c.memory_mb, 0),
    assigned_cpu = coalesce(c.cpu, 0), assignments_revision = n.assignments_revision + :step,
    watched_until = CASE WHEN :step = 0 THEN n.watched_until
        ELSE greatest(n.watched_until, now() + make_interval(secs => :watch_seconds)) END
FROM unnest(CAST(:node_ids AS text[])) AS wanted(node_id) LEFT JOIN (
    SELECT a.node_id, count(*) FILTER (WHERE a.promised) AS promised_agents,
        sum(a.memory_mb) FILTER (WHERE a.promised) AS promised_memory_mb,
        sum(a.cpu_weight) FILTER (WHERE a.promised) AS promised_cpu,
        sum(a.memory_mb) AS memory_mb, sum(a.cpu_weight) AS cpu
    FROM (
        SELECT node_id, settled_at IS NULL AS promised, memory_mb, cpu_weight FROM agents
        WHERE node_id = ANY(:node_ids) AND wanted = 'running'
        UNION ALL
        SELECT moving_to, true, memory_mb, cpu_weight FROM agents
        WHERE moving_to = ANY(:node_ids) AND wanted = 'running') a
    GROUP BY a.node_id) c ON c.node_id = wanted.node_id
WHERE n.node_id = wanted.node_id
""")
# A copy that its node did not have before cannot be started without being told of its lease: 0 binds at once.
_MARK = text("""
UPDATE agents a SET revision = n.assignments_revision, changed_at = now(), failure_domain = n.failure_domain,
    lease_revision = CASE WHEN :placed AND NOT n.agent_reports ? a.agent_id THEN 0
        WHEN :placed OR :lease THEN n.assignments_revision ELSE a.lease_revision END
FROM cluster_nodes n WHERE a.agent_id = ANY(:agent_ids) AND n.node_id = a.node_id
""")
WATCH_SECONDS = 30  # in which a node whose agents changed is asked for faster beats


def note_changes(
    connection: Connection,
    agent_ids: Collection[str],
    node_ids: Collection[str | None],
    *,
    placed: bool = False,
    lease: bool = False,
) -> None:
    """These agents changed (their place, their lease?), and with them what these nodes should run: they will be told.

    Lock order everywhere: the turn of placement, agents, nodes, the audit log.
    """
    nodes = [node_id for node_id in node_ids if node_id is not None]
    _recount(connection, nodes, 1)
    connection.execute(_MARK, {"agent_ids": list(agent_ids), "placed": placed, "lease": lease})


def recount(connection: Connection, node_ids: Collection[str]) -> None:
    """What these nodes have promised has changed, though not what they should run."""
    _recount(connection, node_ids, 0)


def _recount(connection: Connection, node_ids: Collection[str], step: int) -> None:
    if node_ids:
        connection.execute(_LOCK, {"node_ids": list(node_ids)})
        connection.execute(_COUNT, {"node_ids": list(node_ids), "step": step, "watch_seconds": WATCH_SECONDS})
