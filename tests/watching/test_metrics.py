"""The history of usage: what is kept each minute and quarter of an hour, and what readers get."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.domain.identity.actor import SYSTEM
from app.extensions import db
from app.services import nodes, retention
from app.services.watching import metrics
from tests.fleet import CLUSTER, Fleet, until

MINUTE = timedelta(minutes=1)
BUSY = {"cpuUsage": 0.5, "memoryUsage": 0.25, "diskUsage": 0.125, "loadAverage": [1.5, 9, 9]}


@pytest.fixture
def now() -> datetime:
    """The last full hour, so that the quarter before it is over."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def beat(fleet: Fleet, at: datetime, node_id: str = "mac-mini", **said: Any) -> None:
    """A heartbeat that came at another time than now."""
    fleet.beat(node_id, **said)
    with db.engine.begin() as connection:
        moved = text("UPDATE cluster_nodes SET last_heartbeat = :at WHERE node_id = :node_id")
        connection.execute(moved, {"at": at, "node_id": node_id})


def read(client: FlaskClient, start: datetime, end: datetime, node_id: str | None = "mac-mini", **query: Any) -> Any:
    path = f"{CLUSTER}/nodes/{node_id}/metrics" if node_id else f"{CLUSTER}/metrics"
    answer = client.get(path, query_string={"from": int(start.timestamp()), "to": int(end.timestamp()), **query})
    assert answer.status_code == 200, answer.json
    return answer.json


def rows() -> list[Any]:
    with db.engine.connect() as connection:
        return list(connection.execute(text("SELECT * FROM metric_blocks ORDER BY node_id, step, start")))


def test_a_point_per_minute_is_what_the_node_said_last(client: FlaskClient, fleet: Fleet, now: datetime) -> None:
    fleet.add()
    for minute, cpu in ((3, 0.1), (2, 0.2), (0, 0.9)):
        beat(fleet, now - minute * MINUTE, **{**BUSY, "cpuUsage": cpu})
        metrics.sample(now - minute * MINUTE)

    found = read(client, now - 4 * MINUTE, now)

    assert (found["step"], found["at"][-1], found["to"]) == (60, now.timestamp(), now.timestamp())
    assert found["cpu"] == [None, 0.1, 0.2, None, 0.9]
    assert found["memory"][1], found["load"][1] == (0.25, 1.5)
    assert found["disk"] == [None, 0.125, 0.125, None, 0.125]
    assert "nodes" not in found


def test_a_doubled_tick_changes_nothing_and_a_late_one_is_its_own_minute(
    client: FlaskClient, fleet: Fleet, now: datetime
) -> None:
    fleet.add()
    beat(fleet, now, **BUSY)
    for late in (0, 0, 1, 29):
        metrics.sample(now + timedelta(seconds=late))
    assert read(client, now - MINUTE, now + MINUTE)["cpu"][:2] == [None, 0.5]
    assert [row.cpu for row in rows() if row.node_id == "mac-mini"] == [[5000]]


def test_a_silent_node_has_a_gap_and_a_node_never_heard_has_nothing(fleet: Fleet, now: datetime) -> None:
    fleet.add()
    fleet.add("by-hand", manual=True)
    beat(fleet, now - timedelta(seconds=61), **BUSY)
    metrics.sample(now)
    assert rows() == []


def test_what_a_node_does_not_report_is_a_gap_in_that_figure_alone(
    client: FlaskClient, fleet: Fleet, now: datetime
) -> None:
    fleet.add()
    beat(fleet, now, cpuUsage=0.5)
    metrics.sample(now)
    found = read(client, now - timedelta(seconds=1), now)
    assert (found["cpu"], found["memory"], found["load"]) == ([0.5], [None], [None])


def test_the_fleet_has_means_and_says_of_how_many(client: FlaskClient, fleet: Fleet, now: datetime) -> None:
    for node_id, cpu in (("a1", 0.2), ("b1", 0.4)):
        fleet.add(node_id)
        beat(fleet, now, node_id, cpuUsage=cpu)
    fleet.add("quiet")
    beat(fleet, now, "quiet")
    metrics.sample(now)
    found = read(client, now - MINUTE, now, None)
    assert (found["cpu"][-1], found["memory"][-1], found["nodes"][-1]) == (0.3, None, 3)


def test_a_quarter_is_the_mean_of_its_minutes(client: FlaskClient, fleet: Fleet, now: datetime) -> None:
    fleet.add()
    for minute, cpu in ((16, 1.0), (15, 0.2), (1, 0.4), (0, 0.9)):  # the first and last lie beside the quarter
        beat(fleet, now - minute * MINUTE, cpuUsage=cpu)
        metrics.sample(now - minute * MINUTE)
    for _ in range(2):
        metrics.roll_up(now)

    found = read(client, now - 45 * MINUTE, now - MINUTE, step=900)
    assert found["cpu"] == [None, 1.0, 0.3]
    assert found["memory"] == [None, None, None]
    assert read(client, now - 45 * MINUTE, now - MINUTE, None, step=900)["nodes"] == [None, 1, 1]


def test_a_quarter_that_a_roll_up_missed_is_made_by_the_next(client: FlaskClient, fleet: Fleet, now: datetime) -> None:
    fleet.add()
    beat(fleet, now - 40 * MINUTE, cpuUsage=0.7)
    metrics.sample(now - 40 * MINUTE)
    metrics.roll_up(now)
    assert read(client, now - 45 * MINUTE, now - MINUTE, step=900)["cpu"] == [0.7, None, None]


def test_a_roll_up_leaves_a_quarter_alone_that_is_not_over(fleet: Fleet, now: datetime) -> None:
    fleet.add()
    beat(fleet, now, cpuUsage=0.7)
    metrics.sample(now)
    metrics.roll_up(now + 14 * MINUTE)
    assert {row.step for row in rows()} == {60}


def test_a_removed_node_leaves_no_history_and_its_next_life_begins_empty(
    client: FlaskClient, fleet: Fleet, now: datetime
) -> None:
    fleet.add()
    beat(fleet, now, **BUSY)
    metrics.sample(now)
    nodes.remove_node(SYSTEM, "mac-mini")
    assert [row.node_id for row in rows()] == ["*"]
    assert client.get(f"{CLUSTER}/nodes/mac-mini/metrics").status_code == 404
    fleet.add()
    assert set(read(client, now - MINUTE, now)["cpu"]) == {None}


def test_blocks_are_forgotten_when_their_last_point_is_too_old(fleet: Fleet) -> None:
    insert = text(
        "INSERT INTO metric_blocks VALUES ('mac-mini', :step, now() - make_interval(hours => :hours),"
        " '{1}', '{1}', '{1}', '{1}')"
    )
    with db.engine.begin() as connection:
        for step, hours in ((60, 24), (60, 26), (900, 26), (900, 30 * 24), (900, 31 * 24 + 1)):
            connection.execute(insert, {"step": step, "hours": hours})
    assert retention.forget_old() == 2
    assert [row.step for row in rows()] == [60, 900, 900]


def test_without_a_wish_a_day_of_minutes_is_answered(client: FlaskClient, fleet: Fleet) -> None:
    fleet.add()
    fleet.beat(**BUSY)
    metrics.sample()
    found = client.get(f"{CLUSTER}/nodes/mac-mini/metrics").json
    assert (found["step"], len(found["at"]), len(found["cpu"])) == (60, 1440, 1440)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"from": "yesterday"}, "from must be a time such as"),
        ({"to": "2026-11-23T15:04:30"}, "to must have a zone"),
        ({"from": "99999999999"}, "from must be earlier"),
        ({"from": "0"}, "at most 1500"),
        ({"step": "61"}, "step must be auto, 60, 900 or 3600"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "from must be earlier"),
    ],
)
def test_nonsense_is_a_400_with_a_sentence(client: FlaskClient, query: dict[str, str], sentence: str) -> None:
    answer = client.get(f"{CLUSTER}/metrics", query_string=query)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_input")
    assert sentence in answer.json["error"]


def test_most_points_of_a_block_are_hot_updates(fleet: Fleet, now: datetime) -> None:
    for number in range(50):
        fleet.add(f"n-{number}")
        beat(fleet, now, f"n-{number}", **BUSY)
    counted = text(
        "SELECT pg_stat_get_tuples_updated(c), pg_stat_get_tuples_hot_updated(c) FROM "
        "(SELECT 'metric_blocks'::regclass::oid AS c) AS t"
    )
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        before = connection.execute(counted).one()
    for seconds in range(0, 60 * 20, 60):
        fleet_now = now + timedelta(seconds=seconds)
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE cluster_nodes SET last_heartbeat = :at"), {"at": fleet_now})
        metrics.sample(fleet_now)
    db.session.execute(text("SELECT pg_stat_force_next_flush()"))
    db.session.commit()

    def written() -> tuple[int, int]:
        with db.engine.connect() as connection:
            updated, hot = (a - b for a, b in zip(connection.execute(counted).one(), before, strict=True))
        return updated, hot

    until(lambda: written()[0] >= 19 * 50, 20)  # each connection of the pool tells its counts when it has time
    updated, hot = written()
    assert hot > 0.5 * updated
