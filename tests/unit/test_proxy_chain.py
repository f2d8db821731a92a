"""What a chain of proxies may say, and what anybody may say to it."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.network.proxy_chain import client_address, is_trusted, last

OURS = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
PUBLIC = st.ip_addresses(network="192.0.2.0/24").map(str)
PROXY = st.ip_addresses(network="10.0.0.0/8").map(str)


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7", "192.0.2.7"),  # the first was sent by the client itself
        ("10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "192.0.2.7:5123", "192.0.2.7"),
        ("10.0.0.1", "[2001:db8::7]:5123", "2001:db8::7"),
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("fd00::1", "::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.1", "6.6.6.6", "192.0.2.1"),
        ("::ffff:192.0.2.1", "6.6.6.6", "192.0.2.1"),
        ("", "6.6.6.6", ""),  # a Unix socket
    ],
)
def test_the_client_is_the_first_that_a_trusted_proxy_heard(peer: str, said: str, client: str) -> None:
    assert client_address(peer, said, OURS) == client


@given(st.lists(st.text(st.sampled_from("0123456789.:, af")), max_size=5), PUBLIC, st.lists(PROXY, max_size=3), PROXY)
def test_nothing_that_a_client_sends_changes_where_it_is(
    sent: list[str], client: str, between: list[str], peer: str
) -> None:
    assert client_address(peer, ", ".join([*sent, client, *between]), OURS) == client


@given(st.text(), PUBLIC)
def test_without_trust_only_the_peer_counts(sent: str, peer: str) -> None:
    assert client_address(peer, sent, ()) == peer
    assert not is_trusted(peer, OURS)


def test_the_nearest_proxy_has_the_last_word() -> None:
    assert last("http, https") == "https"
    assert last("https") == "https"
    assert last("") == ""
