"""10,000 nodes in six zones with ten agents each, all of them in their nodes' reports."""

from __future__ import annotations

from sqlalchemy import Engine, text

NODES, PER_NODE, ROLES = 10_000, 10, 50
BATCH = 50  # batches in which the nodes beat
RARE = 50  # one node in so many has a GPU

_NODES = text("""
INSERT INTO cluster_nodes (node_id, name, host, port, platform, arch, cpu_count, memory_mb, version, capabilities,
    labels, managed, machine_id, status, status_reason, last_heartbeat, cpu_usage, memory_usage, assignments_seen,
    agents_seen, assigned_memory_mb, assigned_cpu, agent_reports)
SELECT 'bench-' || lpad(i::text, 5, '0'), 'Node ' || i, '10.0.' || i / 250 || '.' || i % 250 + 1, 3101, 'linux', 'x64',
    8, 16384, '0.1.0', CASE WHEN i % :rare = 0 THEN '{browser,docker,gpu}' ELSE '{browser,docker}' END::text[],
    jsonb_build_object('region', 'r' || i % 3, 'zone', 'z' || i % 6), true, 'machine-' || i, 'online', 'heartbeat',
    now(), (i * 7919 % 1000) / 1000.0, (i * 104729 % 1000) / 1000.0, 1, :per_node, :per_node * 200, :per_node * 0.1,
    (SELECT jsonb_object_agg('agent-' || i || '-' || k, jsonb_build_object('agentId', 'agent-' || i || '-' || k,
        'name', 'agent', 'role', 'assistant', 'state', 'running', 'cpuUsage', 0.021, 'memoryMb', 182, 'restarts', 0,
        'startedAt', '2026-11-24T10:00:00Z', 'pid', 4321 + k, 'epoch', 1)) FROM generate_series(1, :per_node) k)
FROM generate_series(1, :nodes) AS i
""")
_AGENTS = text("""
INSERT INTO agents (agent_id, role, node_id, failure_domain, memory_mb, cpu_weight, epoch, settled_at)
SELECT 'agent-' || i || '-' || k, 'role-' || (i + k) % :roles, 'bench-' || lpad(i::text, 5, '0'),
    'r' || i % 3 || '/z' || i % 6, 200, 0.1, 1, now()
FROM generate_series(1, :nodes) AS i, generate_series(1, :per_node) AS k
""")


def fill(engine: Engine) -> None:
    """Make the fleet, with tidy tables."""
    sizes = {"nodes": NODES, "per_node": PER_NODE, "rare": RARE, "roles": ROLES}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(_NODES, sizes)
        connection.execute(_AGENTS, sizes)
        connection.execute(text("VACUUM ANALYZE cluster_nodes, agents"))


def breathe(engine: Engine) -> None:
    """A heartbeat of each node, in batches as they come: rows lie in their pages as they do in life."""
    beat = text("UPDATE cluster_nodes SET last_heartbeat = now() WHERE node_id = ANY(:ids)")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for start in range(BATCH):
            ids = [f"bench-{number:05}" for number in range(start + 1, NODES + 1, BATCH)]
            connection.execute(beat, {"ids": ids})
