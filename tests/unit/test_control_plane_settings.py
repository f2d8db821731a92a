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
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**URLS, name: value})


def test_an_error_does_not_repeat_a_value_that_may_be_secret() -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({**URLS, "PORT": "s3cret"})
    assert "s3cret" not in str(refusal.value)
