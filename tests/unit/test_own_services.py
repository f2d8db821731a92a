"""Where our database and Redis are, from every kind of URL."""

import pytest

from app.domain.network.own_services import own_services

REDIS = "redis://cache/0"
BESIDE = ("cache", 6379)


@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("postgresql://u:p@db.example/name", {("db.example", 5432)}),
        ("postgresql+psycopg2://u:p@DB.Example.:6543/name", {("db.example", 6543)}),
        ("postgresql://u:p@[fd00::5]:5433/name", {("fd00::5", 5433)}),
        ("postgresql:///name", {("localhost", 5432)}),
        ("postgresql:///name?host=/var/run/postgresql&port=5433", {("localhost", 5432), ("localhost", 5433)}),
        ("postgresql://%2Frun%2Fpg/name", {("localhost", 5432)}),
        ("postgresql://a/name?hostaddr=10.0.0.9", {("a", 5432), ("10.0.0.9", 5432)}),
        ("postgresql://a/name?host=b:5433", {("a", 5432), ("b", 5433)}),
        ("postgresql://a:1/name?host=b,c&port=2", {(h, p) for h in "abc" for p in (1, 2)}),
    ],
)
def test_the_places_of_a_database(url: str, places: set[tuple[str, int]]) -> None:
    assert own_services(url, REDIS) == places | {BESIDE}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://:secret@10.0.0.7:6380/1", ("10.0.0.7", 6380)),
        ("rediss://cache.example", ("cache.example", 6379)),
        ("redis:///0", ("localhost", 6379)),
        ("unix:///run/redis.sock", ("localhost", 6379)),
        ("redis://[::1]:7000/0", ("::1", 7000)),
        ("amqp://u:p@queue.example/vhost", ("queue.example", 5672)),
        ("amqps://u:p@queue.example/vhost", ("queue.example", 5671)),
    ],
)
def test_the_place_of_redis_or_a_broker(url: str, place: tuple[str, int]) -> None:
    assert own_services("postgresql://db/name", url) == {("db", 5432), place}
