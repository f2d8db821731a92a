"""The environment of a standalone start: defaults, choices, and sentences for mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from standalone.errors import StandaloneError
from standalone.settings import HELP, StandaloneSettings

read = StandaloneSettings.from_environment


def test_without_any_choice_it_listens_on_this_machine_only_and_embeds_both_servers() -> None:
    settings = read({"PORT": "", "LOCAL_NODE": " "})

    assert (settings.host, settings.port, settings.local_node) == ("127.0.0.1", 3100, True)
    assert (settings.database_url, settings.redis_url) == (None, None)
    assert settings.home == Path("~/.muster")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:3100"),  # noqa: S104 - read, not bound
        ("::", "http://[::1]:3100"),
        ("10.1.2.3", "http://10.1.2.3:3100"),
        ("fd00::7", "http://[fd00::7]:3100"),
    ],
)
def test_a_program_on_this_machine_reaches_whatever_it_listens_on(host: str, url: str) -> None:
    assert read({"HOST": host}).base_url == url


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "0"), ("PORT", "65536"), ("PORT", "http"), ("LOCAL_NODE", "maybe")]
)
def test_a_bad_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(StandaloneError, match=rf"{name} must be .*not '{re.escape(value)}'"):
        read({name: value})


def test_passwords_in_addresses_are_not_shown() -> None:
    assert "hush" not in repr(read({"DATABASE_URL": "postgresql://u:hush@h/d", "REDIS_URL": "redis://:hush@h"}))


def test_the_help_explains_every_variable_that_is_read() -> None:
    names: set[str] = set()

    class Noting(dict[str, str]):
        def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
            names.add(name)
            return default

    read(Noting())

    assert names == {"HOST", "PORT", "MUSTER_HOME", "LOCAL_NODE", "DATABASE_URL", "REDIS_URL"}
    assert all(f"\n  {name} " in HELP for name in names)
