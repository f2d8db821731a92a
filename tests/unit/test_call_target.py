"""Which addresses may be called, as a table and as laws."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.network.call_target import CallRules, Surroundings, objection, read_address

OPEN = CallRules()
LOCAL = CallRules(loopback=True)
NOWHERE = Surroundings()
MANY_V4 = st.ip_addresses(v=4)
PORTS = st.integers(1, 65535)


def judge(text: str, port: int = 3101, rules: CallRules = OPEN, here: Surroundings = NOWHERE) -> str | None:
    return objection(read_address(text), port, rules, here)


@pytest.mark.parametrize(
    "text",
    [
        *("10.0.0.5", "172.16.9.1", "192.168.1.50", "100.64.0.9", "100.100.100.201", "203.0.113.7", "8.8.8.8"),
        *("fd00::7", "fd7a:115c:a1e0::1", "2a01:4f8::1", "2606:4700::1111", "::ffff:10.0.0.5", "64:ff9b::8.8.8.8"),
    ],
)
def test_a_machine_of_a_fleet_may_be_called(text: str) -> None:
    assert judge(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("127.0.0.1", "this_machine"),
        ("127.255.255.254", "this_machine"),
        ("::1", "this_machine"),
        ("::1%1", "this_machine"),
        ("::ffff:127.0.0.1", "this_machine"),
        ("64:ff9b::127.0.0.1", "this_machine"),
        ("0.0.0.0", "unspecified"),  # noqa: S104 - judged, not bound
        ("0.1.2.3", "unspecified"),
        ("::", "unspecified"),
        ("::ffff:0.0.0.0", "unspecified"),
        ("169.254.0.1", "link_local"),
        ("169.254.255.255", "link_local"),
        ("fe80::1", "link_local"),
        ("fe80::1%eth0", "link_local"),
        ("febf::1", "link_local"),
        ("::ffff:169.254.3.4", "link_local"),
        ("169.254.169.254", "metadata"),
        ("169.254.170.2", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("192.0.0.192", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("fd00:ec2::23", "metadata"),
        ("fd20:ce::254", "metadata"),
        ("::ffff:169.254.169.254", "metadata"),
        ("::ffff:100.100.100.200", "metadata"),
        ("64:ff9b::169.254.169.254", "metadata"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("ff02::1", "multicast"),
        ("ff02::1%eth0", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("192.0.0.8", "reserved"),
        ("192.88.99.1", "reserved"),
        ("::127.0.0.1", "reserved"),  # IPv4-compatible
        ("::169.254.169.254", "reserved"),
        ("2002:7f00:1::", "reserved"),  # 6to4
        ("2002:a9fe:a9fe::", "reserved"),
        ("2001:0:7f00:1::", "reserved"),  # Teredo
        ("2001::80ff:fffe", "reserved"),
        ("64:ff9b:1::7f00:1", "reserved"),  # NAT64 of some local network
        ("::ffff:0:127.0.0.1", "reserved"),  # IPv4-translated
        ("fec0::1", "reserved"),
        ("100::1", "reserved"),
        ("5f00::1", "reserved"),
    ],
)
@pytest.mark.parametrize("rules", [OPEN, CallRules(allow=(ip_network("0.0.0.0/0"), ip_network("::/0")))])
def test_no_list_opens_what_is_never_called(text: str, why: str, rules: CallRules) -> None:
    assert judge(text, rules=rules) == why


@pytest.mark.parametrize("text", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_loopback_may_be_called_only_when_the_setting_says_so(text: str) -> None:
    assert judge(text, rules=LOCAL) is None
    assert judge(text) == "this_machine"


@pytest.mark.parametrize("text", ["0.0.0.0", "169.254.169.254", "fe80::1", "::127.0.0.1", "224.0.0.1"])  # noqa: S104
def test_the_setting_for_loopback_opens_nothing_else(text: str) -> None:
    assert judge(text, rules=LOCAL) is not None


def test_the_other_addresses_of_this_machine_are_like_loopback() -> None:
    here = Surroundings(own_addresses=frozenset({ip_address("192.168.1.5"), ip_address("fd00::5")}))
    for text in ("192.168.1.5", "::ffff:192.168.1.5", "fd00::5"):
        assert judge(text, here=here) == "this_machine"
        assert judge(text, rules=LOCAL, here=here) is None
    assert judge("192.168.1.6", here=here) is None


def test_our_database_is_not_called_but_other_ports_of_its_machine_are() -> None:
    here = Surroundings(services=frozenset({(ip_address("10.0.0.9"), 5432)}))
    assert judge("10.0.0.9", 5432, here=here) == "own_service"
    assert judge("::ffff:10.0.0.9", 5432, here=here) == "own_service"
    assert judge("10.0.0.9", 3101, here=here) is None
    assert judge("10.0.0.8", 5432, here=here) is None


@pytest.mark.parametrize("text", ["127.0.0.1", "127.0.0.2", "::1", "192.168.1.5"])
def test_a_database_on_this_machine_is_not_called_by_any_of_its_addresses(text: str) -> None:
    here = Surroundings(frozenset({ip_address("192.168.1.5")}), frozenset({(ip_address("127.0.0.1"), 5432)}))
    assert judge(text, 5432, LOCAL, here) == "own_service"
    assert judge(text, 5433, LOCAL, here) is None


def test_a_service_whose_address_is_not_known_closes_its_port_everywhere() -> None:
    here = Surroundings(services=frozenset({(None, 6379)}))
    assert judge("10.0.0.9", 6379, here=here) == "own_service"
    assert judge("10.0.0.9", 6380, here=here) is None


def test_only_what_is_allowed_is_called_when_a_list_says_so() -> None:
    rules = CallRules(allow=(ip_network("10.1.0.0/16"), ip_network("fd00:7::/32")))
    for text in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00:7::1"):
        assert judge(text, rules=rules) is None
    for text in ("10.2.0.1", "8.8.8.8", "fd00:8::1"):
        assert judge(text, rules=rules) == "not_allowed"


@pytest.mark.parametrize("text", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "2a01::1"])
def test_what_is_denied_is_not_called_though_it_is_allowed_too(text: str) -> None:
    networks = (ip_network("10.0.0.0/8"), ip_network("2a01::/16"))
    assert judge(text, rules=CallRules(allow=networks, deny=networks)) == "denied"


@pytest.mark.parametrize(("port", "why"), [(443, None), (1024, None), (65535, None), (1023, "port"), (22, "port")])
def test_only_the_ports_of_the_setting_are_called(port: int, why: str | None) -> None:
    assert judge("10.0.0.5", port, CallRules(ports=((1024, 65535), (443, 443)))) == why


@given(MANY_V4, PORTS, st.booleans())
def test_a_mapped_or_translated_spelling_is_judged_like_the_address(four: IPv4Address, port: int, local: bool) -> None:
    rules = CallRules(loopback=local)
    plain = objection(four, port, rules, NOWHERE)
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        assert objection(IPv6Address(int(IPv6Address(prefix)) | int(four)), port, rules, NOWHERE) == plain


@given(MANY_V4, st.integers(0, 2**80 - 1), PORTS)
def test_a_tunnel_or_compatible_spelling_is_never_called(four: IPv4Address, rest: int, port: int) -> None:
    six_to_four = IPv6Address((0x2002 << 112) | (int(four) << 80) | rest)
    teredo = IPv6Address((0x20010000 << 96) | (rest << 16 & (2**64 - 1) << 32) | (int(four) ^ 0xFFFFFFFF))
    for spelling in (six_to_four, teredo, IPv6Address(int(four))):
        assert objection(spelling, port, LOCAL, NOWHERE) is not None or spelling == IPv6Address("::1")


@given(st.ip_addresses(), PORTS)
def test_whatever_python_knows_to_be_special_is_not_called(address: IPv4Address | IPv6Address, port: int) -> None:
    special = address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified
    if special or (address.version == 4 and address.is_reserved):
        assert objection(address, port, OPEN, NOWHERE) is not None


@given(st.ip_addresses(), PORTS, st.booleans())
def test_a_list_never_opens_what_is_closed_without_it(
    address: IPv4Address | IPv6Address, port: int, local: bool
) -> None:
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    without = objection(address, port, CallRules(loopback=local), NOWHERE)
    assert objection(address, port, CallRules(allow=everything, loopback=local), NOWHERE) == without
    assert objection(address, port, CallRules(deny=everything, loopback=local), NOWHERE) is not None
