"""One Redis client per app, with a deadline on every call."""

import socket
import time
from typing import Any, cast

import redis
from flask import Flask, current_app

CALL_DEADLINE = 1.0  # seconds
# Hundreds of pages that come back at once wait for each other instead of each opening a connection.
MOST_CONNECTIONS = 16

# A subscription only listens, so a link that died silently is noticed by the kernel's probes, within 20 s.
KEEPALIVE = {
    getattr(socket, name): value
    for name, value in (("TCP_KEEPIDLE", 8), ("TCP_KEEPINTVL", 4), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 20_000))
    if hasattr(socket, name)
}

RedisError = redis.RedisError


def init_app(app: Flask, url: str) -> None:
    """Bind a client to the app; it connects with its first call."""
    app.extensions["redis_client"] = connect(url)


def connect(url: str) -> "redis.Redis":
    """A client that gives up after a second instead of waiting for a Redis that is gone."""
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        timeout=CALL_DEADLINE,
        socket_timeout=CALL_DEADLINE,
        socket_connect_timeout=CALL_DEADLINE,
        socket_keepalive=True,
        socket_keepalive_options=KEEPALIVE,
        health_check_interval=15,
    )
    return redis.Redis(connection_pool=pool)


def client() -> "redis.Redis":
    """The client of the current app."""
    return cast("redis.Redis", current_app.extensions["redis_client"])


def look() -> tuple[bool, float | None, str | None]:
    """Whether Redis answers right now, after how many milliseconds, and which server in which version it is."""
    begun = time.perf_counter()
    try:
        told = cast("dict[str, Any]", client().info("server"))
    except RedisError:
        return False, None, None
    taken = (time.perf_counter() - begun) * 1000
    name = "Valkey" if "valkey_version" in told else "Redis"
    return True, taken, f"{name} {told.get('valkey_version') or told.get('redis_version')}"


def answers() -> bool:
    """Whether Redis answers right now."""
    try:
        return bool(client().ping())
    except RedisError:
        return False
