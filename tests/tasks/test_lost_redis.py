"""What Celery held open towards a Redis that went away is closed, and does not add up."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from kombu import Connection, Message, Queue

from app.tasks.celery_settings import celery_settings
from config import Settings
from tests.fleet import until
from tests.kit.stores import OwnRedis


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    made = OwnRedis(tmp_path)
    made.start()
    yield made
    made.end()


def sockets() -> set[str]:
    """Those of this process, by their inodes; other tests' may close meanwhile."""
    links = set()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            links.add(str(link.readlink()))
    return {link for link in links if link.startswith("socket:")}


def test_a_redis_that_is_killed_leaves_no_socket_of_its_consumers_open(own_redis: OwnRedis, settings: Settings) -> None:
    transport = celery_settings(settings)["broker_transport"]
    before = sockets()
    connection = Connection(own_redis.url, transport=transport, transport_options={"max_retries": 0})
    channels = [connection.channel() for _ in range(3)]
    for channel in channels:
        consumer = connection.Consumer(Queue("muster"), channel=channel, callbacks=[print])
        consumer.consume()
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.1)  # from now on each waits for a message
    assert len(sockets() - before) >= len(channels)
    own_redis.kill()
    connection.collect()
    until(lambda: sockets() <= before)
    assert all(channel.closed for channel in channels)


def test_a_word_about_a_message_of_a_closed_connection_is_an_error_of_the_connection(
    own_redis: OwnRedis, settings: Settings
) -> None:
    transport = celery_settings(settings)["broker_transport"]
    connection = Connection(own_redis.url, transport=transport, transport_options={"max_retries": 0})
    taken: list[Message] = []
    with connection.channel() as channel, connection.Producer(channel) as producer:
        producer.publish("hello", routing_key="muster", declare=[Queue("muster")])
        connection.Consumer(Queue("muster"), channel=channel, on_message=taken.append).consume()
        connection.drain_events(timeout=5)
        own_redis.kill()
        connection.collect()
    with pytest.raises(connection.connection_errors):
        taken[0].ack()
