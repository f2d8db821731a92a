"""The nodes in the database, and the beats that are sent for them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psycopg2

from bench.heartbeats.messages import OURS, credential, daemon_beat, node_id, post
from standalone.embedded import EmbeddedServers

# Nodes as they are after a registration and a first heartbeat: nothing about them changes but what a beat reports.
_ADD = """
INSERT INTO cluster_nodes (node_id, name, host, port, platform, arch, cpu_count, memory_mb, version, capabilities,
    labels, managed, machine_id, status, status_reason, last_heartbeat, cpu_usage, memory_usage, agent_reports)
SELECT 'bench-' || lpad(i::text, 5, '0'), 'Node ' || i, '10.0.' || i / 250 || '.' || i %% 250 + 1, 3101, 'linux', 'x64',
    8, 16384, '0.1.0', '{browser,docker}', '{"site": "office"}', true, 'machine-' || lpad(i::text, 5, '0'),
    'online', 'heartbeat', now(), 0.05, 0.62,
    jsonb_build_object('agent-' || lpad(i::text, 5, '0') || '-1', '{}'::jsonb)
FROM generate_series(1, %s) AS i ON CONFLICT DO NOTHING
"""
_KNOW = """
INSERT INTO node_credentials (id, fingerprint, node_id, kind)
SELECT gen_random_uuid(), sha256(convert_to(replace(%s, '00000', lpad(i::text, 5, '0')), 'UTF8')),
    'bench-' || lpad(i::text, 5, '0'), 'joined'
FROM generate_series(1, %s) AS i ON CONFLICT DO NOTHING
"""


def resize(servers: EmbeddedServers, nodes: int) -> None:
    """Make the fleet exactly that big, with tidy tables."""
    address = servers.database_url().replace("+psycopg2", "")
    with contextlib.closing(psycopg2.connect(address, connect_timeout=5)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(_ADD, (nodes,))
            cursor.execute(_KNOW, (credential(node_id(0)), nodes))
            cursor.execute("DELETE FROM cluster_nodes WHERE node_id > %s", (node_id(nodes),))
            cursor.execute("UPDATE cluster_nodes SET last_heartbeat = now()")
            cursor.execute("VACUUM ANALYZE cluster_nodes, node_credentials")
            cursor.execute("CHECKPOINT")


def beats(
    nodes: int,
    count: int,
    path: str = OURS,
    keep: bool = True,
    body: Callable[[int, int], bytes] = daemon_beat,
    identity: bool = False,
) -> list[bytes]:
    """That many requests, one node after the other, each marked with its index, and proving whose it is if asked to."""
    made = []
    for index in range(count):
        number = index % nodes + 1
        node = node_id(number)
        made.append(post(f"{path}{node}", body(number, index), keep, credential(node) if identity else None))
    return made
