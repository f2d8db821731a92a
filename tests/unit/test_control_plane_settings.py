"""What the environment may say, and what a wrong value is told."""

import pytest

from app.domain.nodes import status as node_status
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
        ("BROKER_URL", "localhost:5672"),
        ("PORT", "70000"),
        ("PORT", "web"),
        ("WEB_CONCURRENCY", "0"),
        ("HEARTBEAT_INTERVAL", "-1"),
        ("OFFLINE_AFTER", "59"),  # less than two heartbeats: healthy nodes would flap
        ("DEAF_AFTER", "90"),  # an outage of ours would count against the nodes
        ("CLUSTER_AUTH", "maybe"),
        ("SECRET_KEY_FILE", "/nowhere/at/all"),
        ("SECRET_KEY", "too short to be a key"),
        ("FORMER_SECRET_KEY", "too short to be a key"),
        ("SESSION_IDLE_MINUTES", "0"),
        ("SESSION_LIFE_HOURS", "a week"),
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
        ("PUBLIC_URL", "muster.example.com"),
        ("PUBLIC_URL", "https://muster.example.com/below"),
        ("PUBLIC_URL", "https://user@muster.example.com"),
        ("PUBLIC_URL", "ftp://muster.example.com"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "muster.example.com:3100"),
        ("ALLOWED_HOSTS", "https://muster.example.com"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("NODE_CALLS_LOOPBACK", "yes"),
        ("NODE_CALLS_LOOPBACK", "2"),
        ("AGENT_PACKAGE", "the-agent@latest"),  # another one every day: no deploy would be like the one before
        ("AGENT_PACKAGE", "@scope/the-agent@next"),
        ("AGENT_PACKAGE", "the-agent@1"),
        ("AGENT_PACKAGE", "the-agent@1.x"),
        ("AGENT_PACKAGE", "the-agent@1.2"),
        ("AGENT_PACKAGE", "the-agent@^1.2.3"),
        ("AGENT_PACKAGE", "the-agent@1.2.3-"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**URLS, name: value})


@pytest.mark.parametrize("name", ["the-agent", "@scope/the-agent"])
@pytest.mark.parametrize("version", ["", "@1.2.3", "@10.0.0-beta.1", "@1.2.3+build.5"])
def test_a_package_has_its_whole_version_or_none(name: str, version: str) -> None:
    assert Settings.from_environment(URLS | {"AGENT_PACKAGE": name + version}).agent_package == name + version


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


def test_nobody_is_trusted_by_default() -> None:
    made = Settings.from_environment(URLS)
    assert (made.public_url, made.allowed_hosts, made.trusted_proxies) == ("", (), ())


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://Muster.example.com/", "https://muster.example.com"),
        ("https://muster.example.com:443", "https://muster.example.com"),
        ("http://[fd00::5]:3100", "http://[fd00::5]:3100"),
    ],
)
def test_the_public_url_is_read_as_browsers_write_it(given: str, read: str) -> None:
    assert Settings.from_environment({**URLS, "PUBLIC_URL": given}).public_url == read


def test_names_are_read_in_lower_case_with_commas_between_them() -> None:
    made = Settings.from_environment({**URLS, "ALLOWED_HOSTS": " Muster.lan, *.example.org ,10.0.0.5,"})
    assert made.allowed_hosts == ("muster.lan", "*.example.org", "10.0.0.5")
