"""Under which names we answer."""

import pytest

from app.domain.network.host_names import HostNames, host_names

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only a text here
LOOPBACK = ["localhost", "LOCALHOST:3100", "127.0.0.1:3100", "127.8.8.8", "[::1]:3100", "a.localhost:80", "localhost."]
FOREIGN = ["evil.example", "evil.example:3100", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example"]
MALFORMED = [
    "",
    " ",
    "a b",
    "a/b",
    "a@b",
    "a:b",
    "[::1",
    "::1",
    "a:123456",
    "a\x00",
    "müster",
    "a,b",
    "localhost:80:80",
]


def names(bound_to: str = "127.0.0.1", *listed: str, public: str = "") -> HostNames:
    return host_names(bound_to, listed, public, "Studio-Mac")


EVERY_WAY = [names(), names("::1"), names(EVERYWHERE), names("::"), names("10.0.0.5"), names(EVERYWHERE, "muster.lan")]


@pytest.mark.parametrize("answering", EVERY_WAY)
def test_loopback_is_always_ours(answering: HostNames) -> None:
    assert all(answering.allow(header) for header in LOOPBACK)


@pytest.mark.parametrize("answering", EVERY_WAY)
def test_a_foreign_name_never_is_and_neither_is_nonsense(answering: HostNames) -> None:
    assert not [header for header in FOREIGN + MALFORMED if answering.allow(header)]


def test_bound_to_one_address_we_answer_to_that_address_only() -> None:
    assert names("10.0.0.5").allow("10.0.0.5:3100")
    assert names("fd00::5").allow("[fd00::5]:3100")
    assert not names("10.0.0.5").allow("10.0.0.6:3100")
    assert not names("10.0.0.5").allow("studio-mac")


@pytest.mark.parametrize("everywhere", [EVERYWHERE, "::"])
def test_bound_to_all_we_answer_to_every_address_and_to_the_machines_own_name(everywhere: str) -> None:
    for header in ("192.0.2.7:3100", "[fd00::7]:3100", "studio-mac:3100", "STUDIO-MAC.local"):
        assert names(everywhere).allow(header)
    assert not names(everywhere).allow("studio-mac.evil.example")
    assert not names(everywhere).allow("2130706433")  # an address to some resolvers, a name to the rest


def test_what_is_listed_replaces_what_the_binding_implies() -> None:
    answering = names(EVERYWHERE, "muster.lan", "10.0.0.5")
    assert answering.allow("muster.lan:3100")
    assert answering.allow("10.0.0.5")
    assert not answering.allow("10.0.0.6")
    assert not answering.allow("studio-mac")


def test_a_star_stands_for_one_label() -> None:
    answering = names(EVERYWHERE, "*.example.org")
    assert answering.allow("muster.example.org")
    assert not [
        one for one in ("example.org", "a.b.example.org", "evilexample.org", ".example.org") if answering.allow(one)
    ]


def test_the_public_host_needs_no_listing() -> None:
    assert names("127.0.0.1", public="muster.example.com:8443").allow("muster.example.com")
    assert names(EVERYWHERE, "muster.lan", public="muster.example.com").allow("muster.example.com")
