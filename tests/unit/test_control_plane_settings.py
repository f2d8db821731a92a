"""What the environment may say, and what a wrong value is told."""

import pytest

from app.domain import node_status
from config import Settings, SettingsError

URLS = {"DATABASE_URL": "postgresql://host/name", "REDIS_URL": "redis://host/0"}


def test_the_default_times_are_the_ones_the_rules_promise() -> None:
    made = Settings.from_environment(URLS)
    assert (made.offline_after, made.deaf_after) == (node_status.OFFLINE_AFTER, node_status.DEAF_AFTER)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("REDIS_URL", " "),
        ("PORT", "70000"),
        ("PORT", "web"),
        ("WEB_CONCURRENCY", "0"),
        ("HEARTBEAT_INTERVAL", "-1"),
        ("OFFLINE_AFTER", "59"),  # less than two heartbeats: healthy nodes would flap
        ("DEAF_AFTER", "90"),  # an outage of ours would count against the nodes
        ("CLUSTER_AUTH", "maybe"),
        ("SECRET_KEY_FILE", "/nowhere/at/all"),
        ("NODE_CALLS_ALLOW", "example.com"),
        ("NODE_CALLS_ALLOW", "10.0.0.5/8"),  # host bits: somebody meant something else
        ("NODE_CALLS_ALLOW", "10.0.0.0-10.0.0.9"),
        ("NODE_CALLS_DENY", "10.0.0.0/33"),
        ("NODE_CALLS_DENY", "1"),
        ("NODE_CALLS_PORTS", "0"),
        ("NODE_CALLS_PORTS", "65536"),
        ("NODE_CALLS_PORTS", "9-8"),
        ("NODE_CALLS_PORTS", "80-"),
        ("NODE_CALLS_PORTS", "-80"),
        ("NODE_CALLS_PORTS", "1-2-3"),
        ("NODE_CALLS_PORTS", "http"),
        ("NODE_CALLS_PORTS", "٣١٠١"),
        ("NODE_CALLS_LOOPBACK", "yes"),
        ("NODE_CALLS_LOOPBACK", "2"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**URLS, name: value})


def test_an_error_does_not_repeat_a_value_that_may_be_secret() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({**URLS, "PORT": "s3cret"})
    assert "s3cret" not in str(refusal.value)


def test_calls_to_nodes_may_go_anywhere_but_to_loopback_by_default() -> None:
    made = Settings.from_environment({**URLS, "NODE_CALLS_ALLOW": " ", "NODE_CALLS_PORTS": ""})
    assert (made.node_calls_allow, made.node_calls_deny, made.node_calls_ports) == ((), (), ((1, 65535),))
    assert made.node_calls_loopback is False


def test_where_calls_may_go_is_read_as_lists() -> None:
    said = {
        "NODE_CALLS_ALLOW": "10.0.0.0/8, fd00::/8",
        "NODE_CALLS_DENY": "10.0.0.9,",
        "NODE_CALLS_PORTS": "1024-65535, 443",
        "NODE_CALLS_LOOPBACK": "1",
    }
    made = Settings.from_environment({**URLS, **said})
    assert [str(network) for network in made.node_calls_allow] == ["10.0.0.0/8", "fd00::/8"]
    assert [str(network) for network in made.node_calls_deny] == ["10.0.0.9/32"]
    assert made.node_calls_ports == ((1024, 65535), (443, 443))
    assert made.node_calls_loopback is True
