"""The node object as the protocol's clients read it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from app.domain.nodes.health import Issue
from app.domain.nodes.node import Node, iso, present_agents, stats, to_patch, to_wire
from app.domain.nodes.registration import split_capabilities
from app.domain.nodes.status import NodeStatus, StatusReason

HEARD = datetime(2026, 11, 23, 15, 4, 30, tzinfo=UTC)
NODE = Node(
    node_id="mac-mini-office",
    name="Office Mac Mini",
    host="192.168.1.50",
    port=3101,
    platform="darwin",
    arch="arm64",
    cpu_count=10,
    memory_mb=16384,
    version="0.5.324",
    agents=("agent-uuid-1",),
    capabilities=("browser", "voice"),
    status=NodeStatus.ONLINE,
    reason=StatusReason.HEARTBEAT,
    registered_at=datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
    last_heartbeat=HEARD,
    cpu_usage=0.45,
    memory_usage=0.62,
    disk_usage=None,
    load_average=None,
    issues=(),
    labels={},
    metadata={},
    schedulable=True,
    managed=False,
)
# The example of the protocol's document.
DOCUMENTED = {
    "nodeId": "mac-mini-office",
    "name": "Office Mac Mini",
    "host": "192.168.1.50",
    "port": 3101,
    "url": "http://192.168.1.50:3101",
    "platform": "darwin",
    "arch": "arm64",
    "cpuCount": 10,
    "memoryMb": 16384,
    "version": "0.5.324",
    "agents": ("agent-uuid-1",),
    "capabilities": ("browser", "voice"),
    "status": "online",
    "registeredAt": "2026-11-23T15:00:00.000Z",
    "lastHeartbeat": "2026-11-23T15:04:30.000Z",
    "metadata": {"cpuUsage": 0.45, "memoryUsage": 0.62},
}


def test_the_node_object_is_the_documented_one_with_keys_of_ours_beside() -> None:
    wire = to_wire(NODE)
    assert {key: wire[key] for key in DOCUMENTED} == DOCUMENTED
    assert {"issues", "schedulable", "labels", "managed", "seen", "statusReason"} <= wire.keys()


def test_a_node_that_was_never_seen_has_an_empty_last_heartbeat() -> None:
    wire = to_wire(NODE._replace(last_heartbeat=None))
    assert (wire["lastHeartbeat"], wire["seen"]) == ("", False)


def test_usage_that_was_never_reported_is_left_out_of_metadata() -> None:
    assert to_wire(NODE._replace(cpu_usage=None, memory_usage=None, metadata={"a": 1}))["metadata"] == {"a": 1}


def test_reported_usage_wins_over_metadata_of_the_registration() -> None:
    assert to_wire(NODE._replace(metadata={"cpuUsage": 9}))["metadata"]["cpuUsage"] == 0.45


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("10.0.0.7", "http://10.0.0.7:3101"),
        ("mac.local", "http://mac.local:3101"),
        ("fe80::1", "http://[fe80::1]:3101"),
    ],
)
def test_the_url_is_one_that_can_be_called(host: str, url: str) -> None:
    assert to_wire(NODE._replace(host=host))["url"] == url


def test_times_are_utc_with_milliseconds_and_z() -> None:
    east = timezone(timedelta(hours=2))
    assert iso(datetime(2026, 11, 23, 17, 4, 30, 123999, tzinfo=east)) == "2026-11-23T15:04:30.123Z"


def test_an_issue_is_told_with_code_sentence_and_beginning() -> None:
    issue = Issue("disk_nearly_full", "Disk above 90 %", HEARD)
    told = {"code": "disk_nearly_full", "message": "Disk above 90 %", "since": "2026-11-23T15:04:30.000Z"}
    assert to_wire(NODE._replace(issues=(issue,)))["issues"] == [told]


def test_a_patch_is_thin_and_counts_agents() -> None:
    seen = round(HEARD.timestamp())
    assert to_patch(to_wire(NODE)) == {
        "id": "mac-mini-office",
        "cpu": 0.45,
        "mem": 0.62,
        "agents": 1,
        "status": "online",
        "seen": seen,
    }
    assert to_patch(to_wire(NODE._replace(last_heartbeat=None)))["seen"] == 0


def test_an_agent_on_two_nodes_counts_once() -> None:
    fleet = [NODE._replace(agents=("a", "b")), NODE._replace(node_id="two", agents=("b", "c"))]
    assert stats(fleet)["totalAgents"] == 3


def test_only_nodes_that_are_up_add_cpus_memory_and_agents() -> None:
    fleet = [
        NODE,
        NODE._replace(node_id="two", status=NodeStatus.DEGRADED, agents=("x",)),
        NODE._replace(node_id="three", status=NodeStatus.OFFLINE, agents=("y",)),
    ]
    assert stats(fleet) == {
        "totalNodes": 3,
        "onlineNodes": 1,
        "degradedNodes": 1,
        "offlineNodes": 1,
        "totalAgents": 2,
        "totalCpus": 20,
        "totalMemoryMb": 32768,
    }


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (["browser,voice", "browser"], ("browser", "voice")),
        ([" Browser , VOICE ", ""], ("browser", "voice")),
        ([",,", " , "], ()),
        (["gpu", "docker", "gpu"], ("gpu", "docker")),
        ([], ()),
    ],
)
def test_joined_capabilities_are_split_trimmed_lowered_and_told_once(raw: list[str], words: tuple[str, ...]) -> None:
    assert split_capabilities(raw) == words


@pytest.mark.parametrize(
    ("reports", "ago", "present"),
    [
        ({"self": {"at": 0}}, 90, ("self",)),
        ({"self": {"at": 0}}, 90.5, ()),
        ({"listed": {}}, 9999, ("listed",)),
        ({"b": {}, "a": {}}, 0, ("a", "b")),
    ],
)
def test_an_agent_that_reported_itself_lasts_90_seconds_and_a_listed_one_until_the_next_list(
    reports: dict[str, Any], ago: float, present: tuple[str, ...]
) -> None:
    epoch = datetime.fromtimestamp(0, UTC)
    assert present_agents(reports, epoch + timedelta(seconds=ago), timedelta(seconds=90)) == present


def test_a_node_that_was_never_heard_shows_the_agents_it_was_registered_with() -> None:
    assert present_agents({"a": {"at": 0}}, None, timedelta(seconds=90)) == ("a",)
