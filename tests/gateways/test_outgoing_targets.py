"""No spelling, name or answer of a resolver leads a call to where it must not go."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.domain.network.call_code import CallFailed
from app.gateways import node_http
from app.gateways.outgoing import connection, resolver, targets
from config import Settings
from tests.fleet import until
from tests.gateways.neighbours import answering, neighbour
from tests.gateways.victim import Victim, entry, hostile, leading
from tests.ports import closed_port

IN_NUMBERS = [
    *("127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "0", "0.0.0.0", "0.0", "000.0.0.0"),  # noqa: S104
    *("2130706433", "0x7f000001", "0X7F000001", "017700000001", "0x7f.1", "0x7f.0.1", "0x7f.0x0.0x0.0x1"),
    *("0177.0.0.1", "0177.0.0.01", "0177.0x0.0.1", "00000177.0.0.1", "127.0.0.01", "127.0x1", "127.00.00.001"),
    *("::1", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0001", "::1%1", "::"),
    *("::ffff:127.0.0.1", "::FFFF:7f00:1", "0:0:0:0:0:ffff:127.0.0.1", "::ffff:0:127.0.0.1", "::ffff:0.0.0.0"),
    *("::127.0.0.1", "::7f00:1", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"),
    *("2002:7f00:1::", "2002:7f00:0001::1", "2001:0:7f00:1::1", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1"),
]
IN_LETTERS = [
    *("localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost", "127.0.0.1.", "127.1."),
    *("１２７.０.０.１", "127。0。0。1", "127．0．0．1", "①②⑦.⓪.⓪.①", "𝟙𝟚𝟟.𝟘.𝟘.𝟙", "١٢٧.٠.٠.١"),
    *("ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "ｌｏｃａｌｈｏｓｔ", "localhost。", "127.0.0.1\u200b", "127.0.0.1\u00ad"),
    *("[::1]", "[::ffff:127.0.0.1]", "::1%", "::1%lo", "127.0.0.1%00", "127.0.0.1%lo", "%31%32%37.0.0.1"),
    *("user@127.0.0.1", "10.0.0.5@127.0.0.1", "10.0.0.5#@127.0.0.1", "10.0.0.5\\@127.0.0.1", "127.0.0.1/", "//127.1"),
    *("127.0.0.1:80", "127.0.0.1\x00", "127.0.0.1\x00.example.com", "127.0.0.1 ", " 127.0.0.1", "127.0.0.1\t", "\n::1"),
    *("127.0.0.1.nip.example", "localtest.example", "rebind.example", "10.0.0.5 127.0.0.1", "256.256.256.256", "", "-"),
    *("0x7f.0.0.0x1.", "127.0.0.1?x", "http://127.0.0.1", "a" * 64 + ".example", "x" * 300, "..", "xn--", "*"),
]
ELSEWHERE = [
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "::ffff:169.254.169.254"),
    *("64:ff9b::a9fe:a9fe", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "169.254.1.1"),
    *("224.0.0.1", "255.255.255.255", "4294967295", "240.0.0.1", "fe80::a9fe:a9fe", "１６９.254.169.254"),
]
Use = Callable[..., None]


@pytest.fixture
def use(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Take these settings and this resolver. Without a word: no loopback, and every name leads to the victim."""
    contexts: list[AbstractContextManager[Any]] = []

    def take(ask: resolver.Found | Any = hostile, **changes: Any) -> None:
        app = Flask("calls")
        app.extensions["settings"] = replace(settings, **{"node_calls_loopback": False, **changes})
        contexts.append(app.app_context())
        contexts[-1].__enter__()
        monkeypatch.setattr(resolver, "ask", ask)

    yield take
    for context in reversed(contexts):
        context.__exit__(None, None, None)


@pytest.fixture
def victim() -> Iterator[Victim]:
    with closing(Victim()) as made:
        yield made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The targets for which sockets were opened."""
    made: list[str] = []
    really = connection.open_to

    def note(target: targets.Target, deadline: float) -> socket.socket:
        made.extend(address[4][0] for address in target.addresses)
        return really(target, deadline)

    monkeypatch.setattr(connection, "open_to", note)
    return made


def test_there_are_enough_spellings() -> None:
    assert len({*IN_NUMBERS, *IN_LETTERS}) >= 90


@pytest.mark.parametrize("host", [*IN_NUMBERS, *IN_LETTERS])
def test_no_spelling_reaches_a_server_on_loopback(use: Use, victim: Victim, opened: list[str], host: str) -> None:
    use()
    for call in (node_http.check_health, node_http.restart, node_http.nudge):
        reply = call(host, victim.port, 2)
        assert (reply.ok, reply.code) == (False, "target_denied")
    assert (victim.hits(), opened) == (0, [])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "::ffff:127.0.0.1", "localhost"])
def test_the_victim_is_real(use: Use, victim: Victim, host: str) -> None:
    use(node_calls_loopback=True)
    assert node_http.check_health(host, victim.port, 1).code == "timeout"
    assert victim.hits() == 1


@pytest.mark.parametrize("host", ELSEWHERE)
def test_no_spelling_of_another_closed_address_opens_a_socket(use: Use, opened: list[str], host: str) -> None:
    use(node_calls_loopback=True)
    assert node_http.check_health(host, 80, 2).code == "target_denied"
    assert opened == []


def test_the_systems_own_resolver_reads_numbers_as_we_expect(use: Use, victim: Victim) -> None:
    use(resolver.ask)
    for host in ("127.1", "0x7f.1", "2130706433", "017700000001", "127。0。0。1", "::ffff:127.0.0.1"):
        assert node_http.check_health(host, victim.port, 2).code == "target_denied"
    assert victim.hits() == 0


def test_an_open_and_a_closed_port_are_refused_in_the_same_words(use: Use, victim: Victim) -> None:
    use()
    closed = closed_port()
    one, other = (node_http.check_health("127.0.0.1", port, 2) for port in (victim.port, closed))
    assert one.error.replace(str(victim.port), "PORT") == other.error.replace(str(closed), "PORT")
    assert [(s["name"], s["ok"]) for s in one.steps] == [(s["name"], s["ok"]) for s in other.steps]
    assert [step["name"] for step in one.steps] == ["resolve"]


def test_the_reason_is_in_the_log_only(use: Use, caplog: pytest.LogCaptureFixture) -> None:
    use()
    caplog.set_level(logging.INFO)
    assert "this_machine" not in node_http.check_health("127.0.0.1", 80, 2).error
    assert "this_machine" in caplog.text


# The victim is on 127.0.0.1, which is denied; a decoy on 127.0.0.2 may be called.
DECOY = {"node_calls_loopback": True, "node_calls_deny": (ip_network("127.0.0.1/32"), ip_network("::1/128"))}


def test_a_name_that_leads_elsewhere_at_the_second_look_is_looked_at_once(
    use: Use, victim: Victim, opened: list[str]
) -> None:
    use(leading(["127.0.0.2"], ["127.0.0.1"]), **DECOY)
    with socket.create_server(("127.0.0.2", victim.port)):
        assert node_http.check_health("rebind.example", victim.port, 1).code == "timeout"
        assert node_http.check_health("rebind.example", victim.port, 2).code == "target_denied"
    assert opened == ["127.0.0.2"]
    assert victim.hits() == 0


def test_the_second_request_of_a_health_check_goes_where_the_first_one_went(use: Use) -> None:
    use(leading(["127.0.0.1"], ["127.0.0.2"]), node_calls_loopback=True)
    with neighbour(answering("404 Not Found")) as server:
        assert node_http.check_health("rebind.example", server.port, 2).code == "http_error"
        assert server.requests == ["GET /health HTTP/1.1", "GET /api/status HTTP/1.1"]


def test_of_several_addresses_only_the_allowed_ones_are_used(use: Use, victim: Victim, opened: list[str]) -> None:
    use(leading(["127.0.0.1", "169.254.169.254", "127.0.0.2", "::1"]), **DECOY)
    assert node_http.check_health("many.example", victim.port, 2).code == "refused"
    assert opened == ["127.0.0.2"]
    assert victim.hits() == 0


def test_a_name_without_an_allowed_address_is_denied(use: Use, victim: Victim, opened: list[str]) -> None:
    use(leading(["127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1"]), **DECOY)  # noqa: S104
    assert node_http.check_health("many.example", victim.port, 2).code == "target_denied"
    assert (opened, victim.hits()) == ([], 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "127.1"])
@pytest.mark.parametrize("which", ["database_url", "redis_url"])
def test_our_own_database_and_redis_are_never_called(
    use: Use, settings: Settings, opened: list[str], host: str, which: str
) -> None:
    use(node_calls_loopback=True)
    port = urlsplit(getattr(settings, which)).port
    assert port
    assert node_http.check_health(host, port, 2).code == "target_denied"
    assert opened == []


def test_our_own_database_is_not_called_by_its_name_when_that_leads_elsewhere_each_time(use: Use) -> None:
    ask = leading(["10.0.0.3"], ["10.0.0.4"], ["10.0.0.5"])
    use(ask, database_url="postgresql://u:p@db.example:5433/name")
    with pytest.raises(CallFailed, match=r"^DB\.example\.:5433 is not called"):
        targets.find("DB.example.", 5433, time.monotonic() + 2)
    assert targets.find("db.example", 3101, time.monotonic() + 2).addresses  # its machine may be a node too


def test_the_port_of_a_service_that_cannot_be_found_is_closed_everywhere(use: Use) -> None:
    def ask(host: str, port: int) -> list[tuple[Any, ...]]:
        if host == "lost.example":
            raise socket.gaierror
        return [entry(host, port)]

    port = closed_port()
    use(ask, node_calls_loopback=True, redis_url=f"redis://lost.example:{port}/0")
    assert node_http.check_health("127.0.0.1", port, 2).code == "target_denied"
    assert node_http.check_health("127.0.0.1", closed_port(), 2).code == "refused"


def test_the_addresses_of_our_own_network_cards_are_not_called(use: Use, opened: list[str]) -> None:
    use()
    ours = [str(address) for address in targets._own_addresses()]
    assert "127.0.0.1" in ours
    assert {node_http.check_health(one, 80, 2).code for one in ours} == {"target_denied"}
    assert opened == []


def test_the_lists_of_the_settings_count(use: Use, victim: Victim) -> None:
    network = (ip_network("127.0.0.0/30"),)
    use(node_calls_loopback=True, node_calls_allow=network, node_calls_ports=((victim.port, victim.port),))
    assert node_http.check_health("127.0.0.1", victim.port, 1).code == "timeout"
    assert node_http.check_health("127.0.0.1", closed_port(), 2).code == "target_denied"
    assert node_http.check_health("127.0.0.9", victim.port, 2).code == "target_denied"


def test_a_resolver_that_hangs_costs_no_more_than_the_limit(use: Use) -> None:
    woken = threading.Event()

    def hang(host: str, port: int) -> list[tuple[Any, ...]]:
        woken.wait(20)
        return [entry("127.0.0.1", port)]

    use(hang)
    began = time.monotonic()
    reply = node_http.check_health("slow.example", 80, 0.2)
    woken.set()
    assert (reply.ok, reply.code) == (False, "timeout")
    assert "not found in time" in reply.error
    assert time.monotonic() - began < 1.2


def test_hanging_look_ups_hold_a_bounded_number_of_threads(use: Use) -> None:
    woken = threading.Event()
    hanging: list[str] = []

    def hang(host: str, port: int) -> list[tuple[Any, ...]]:
        hanging.append(host)
        woken.wait(20)
        return [entry("127.0.0.1", port)]

    use(hang)
    codes = {node_http.check_health("slow.example", 80, 0.01).code for _ in range(resolver.MOST_LOOKUPS + 10)}
    assert codes == {"timeout"}
    until(lambda: len(hanging) >= resolver.MOST_LOOKUPS)  # the last one may have only just begun
    assert len(hanging) == resolver.MOST_LOOKUPS
    woken.set()
    assert node_http.check_health("slow.example", 80, 5).code == "target_denied"
