"""The orders of node lists.

status: worst first; name: A to Z; cpu, mem, disk, agents: largest first; seen: latest first;
registered: earliest first.
"""

from app.domain.nodes.node import Node
from app.domain.order import Orders, negative

STATUS_RANK = {"offline": 0, "degraded": 1, "online": 2}

NODE_ORDERS: Orders[Node] = Orders(
    identity=lambda node: node.node_id,
    by={
        "status": lambda node: STATUS_RANK.get(node.status, len(STATUS_RANK)),
        "name": lambda node: node.name.casefold(),
        "cpu": lambda node: negative(node.cpu_usage),
        "mem": lambda node: negative(node.memory_usage),
        "disk": lambda node: negative(node.disk_usage),
        "agents": lambda node: -len(node.agents),
        "seen": lambda node: node.last_heartbeat and -node.last_heartbeat.timestamp(),
        "registered": lambda node: node.registered_at and node.registered_at.timestamp(),
    },
)
sort_key = NODE_ORDERS.sort_key
