"""What the address and the size of the fleet make of the Cluster page (list 18 and 22)."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.machines import Machines
from tests.browser.seen import node
from tests.journeys.control_plane import ControlPlane

Cluster = Callable[..., Page]
ADD = """
INSERT INTO cluster_nodes (node_id, name, host, port, platform, arch, cpu_count, memory_mb, version, capabilities,
    labels, managed, machine_id, status, status_reason, last_heartbeat, cpu_usage, memory_usage)
SELECT 'many-' || i, 'many-' || i, '10.0.0.1', 3101, 'linux', 'x64', 8, 16384, '0.1.0', '{}', '{}', true,
    'many-' || i, 'online', 'heartbeat', now(), 0.05, 0.62
FROM generate_series(1, %s) AS i
"""


def change(plane: ControlPlane, sql: str, *values: object) -> None:
    with closing(psycopg2.connect(plane.dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def many(machines: Machines) -> Iterator[Callable[[int], None]]:
    """Puts that many nodes into the database."""
    yield lambda count: change(machines.plane, ADD, count)
    change(machines.plane, "DELETE FROM cluster_nodes WHERE node_id LIKE 'many-%%'")


def test_back_brings_the_filter_and_its_list_again(cluster: Cluster, machines: Machines) -> None:
    machines.add("gpu-1", capabilities=["gpu"])
    machines.add("plain")
    page = cluster("?q=cap:gpu&view=table")
    node(page, "gpu-1").click()
    expect(page).to_have_url(re.compile("/operations/cluster/gpu-1$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"q=cap:gpu&view=table$"))
    expect(page.get_by_role("table", name="Nodes").locator("[data-node]")).to_have_text(["gpu-1"])
    expect(page.get_by_role("button", name="Remove the filter cap:gpu")).to_be_visible()


@pytest.mark.parametrize(("count", "tables"), [(200, 0), (201, 1)])
def test_more_than_200_nodes_are_a_table_unless_chosen_otherwise(
    cluster: Cluster, many: Callable[[int], None], count: int, tables: int
) -> None:
    many(count)
    expect(cluster().get_by_role("table", name="Nodes")).to_have_count(tables)
    expect(cluster("?view=cards").get_by_role("table", name="Nodes")).to_have_count(0)
