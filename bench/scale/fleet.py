"""What a fleet of a size sends, and what the database knows of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing

import psycopg2

from bench.heartbeats.messages import OURS, daemon_beat, node_id, post
from node_daemon import pace
from standalone.embedded import EmbeddedServers

INTERVAL = 30.0  # seconds from one heartbeat of a node to the next
Sending = list[tuple[float, int]]  # seconds from the start, and the number of the node


def steady(nodes: int, seconds: float, seed: int) -> Sending:
    """One beat of each node per interval, at a moment of its own that it keeps."""
    chance = random.Random(seed)
    moments = sorted((chance.random() * INTERVAL, number + 1) for number in range(nodes))
    rounds = range(int(seconds // INTERVAL) + 1)
    found = [(INTERVAL * one + moment, number) for one in rounds for moment, number in moments]
    return [(moment, number) for moment, number in found if moment < seconds]


def returning(nodes: int, outage: float, seconds: float, seed: int) -> Sending:
    """What daemons send after an outage: each has failed since its first beat in it, at the pace that it keeps then.

    Times count from the end of the outage.
    """
    chance = random.Random(seed)
    found: Sending = []
    for number in range(1, nodes + 1):
        found += [(moment - outage, number) for moment in _tries(chance, outage, outage + seconds)]
    return sorted(found)


def _tries(chance: random.Random, outage: float, end: float) -> Iterator[float]:
    moment, failures = chance.random() * INTERVAL, 0
    while moment < end:
        if moment >= outage:
            yield moment
            moment += pace.beat_delay(INTERVAL, chance.random())
        else:
            failures += 1
            moment += pace.beat_retry_delay(failures, INTERVAL, chance.random())


def requests(sending: Sending) -> list[bytes]:
    """The beats, made now: a daemon's clock goes with it."""
    return [post(OURS + node_id(number), daemon_beat(number, mark), True) for mark, (_, number) in enumerate(sending)]


class Records:
    """Looks into the database, as an operator would."""

    def __init__(self, servers: EmbeddedServers) -> None:
        self._address = servers.database_url().replace("+psycopg2", "")

    def silences(self) -> int:
        """How many nodes were ever called offline for their silence."""
        return self._number("SELECT count(*) FROM node_transitions WHERE reason = 'silent'")

    def heard_within(self, seconds: float) -> int:
        """How many nodes were heard in the last so many seconds."""
        return self._number(
            "SELECT count(*) FROM cluster_nodes WHERE last_heartbeat > now() - make_interval(secs => %s)", seconds
        )

    def _number(self, sql: str, *values: object) -> int:
        with closing(psycopg2.connect(self._address, connect_timeout=5)) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.fetchone()[0])
