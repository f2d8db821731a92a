"""Machines that SSH does not get to, or that it loses: each fault has its code, and nobody waits long."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from app.domain.deploying.ssh import Login, SshFailure, SshFault, SshTarget
from app.gateways.ssh import Shell, shell
from app.services.deploying.following import SILENCE_SECONDS
from tests.gateways.ssh import machines
from tests.gateways.ssh.machines import Character, free_port, make_key
from tests.kit.hosts import Host, Network, obstacle
from tests.kit.link import Link, Way
from tests.kit.proof import Proof

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("app"),
    pytest.mark.skipif(bool(obstacle()), reason=f"hosts need root and namespaces: {obstacle()}"),
]
WRONG = ("SHA256:" + "A" * 43,)
CONNECTING, DEAD, MEGABYTES = 10.5, 25.0, 20
NOWHERE = Way(lost=1.0)
CHARACTERS = {
    machines.silent: SshFault.BANNER_TIMEOUT,
    machines.speaks_http: SshFault.BANNER_TIMEOUT,
    machines.hangs_up: SshFault.CLOSED_EARLY,
    machines.greets_then_stalls: SshFault.KEX_TIMEOUT,
    machines.drips: SshFault.NOT_SSH,
    machines.floods: SshFault.NOT_SSH,
}
Work = Callable[[Shell], object]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with Network(tmp_path / "network") as network:
        [made] = network.add()
        yield made


def target(host: Host, *pins: str) -> SshTarget:
    return SshTarget(host.address, "root", host.port, pins)


def fault_of(where: SshTarget, login: Login, work: Work = lambda _: None) -> tuple[SshFault, float]:
    """How it fails to log in and work there, and after how many seconds."""
    began = time.monotonic()
    with pytest.raises(SshFailure) as failure, shell(where, login) as machine:
        work(machine)
    return failure.value.fault, time.monotonic() - began


def test_f21_each_way_not_to_get_to_a_machine_has_its_code_and_an_end(host: Host, tmp_path: Path, proof: Proof) -> None:
    login, stranger = Login(host.private_key), Login(make_key(tmp_path / "stranger"))
    good = target(host, host.fingerprint)
    found = [
        (SshFault.REFUSED, fault_of(SshTarget("127.0.0.1", "root", free_port(), WRONG), login)),
        (SshFault.NO_ROUTE, fault_of(SshTarget(f"{host.network.prefix}.99", "root", 22, WRONG), login)),
        (SshFault.DNS, fault_of(SshTarget("nowhere.invalid", "root", 22, WRONG), login)),
        (SshFault.HOST_KEY_UNKNOWN, fault_of(target(host), login)),
        (SshFault.HOST_KEY_CHANGED, fault_of(target(host, *WRONG), login)),
        (SshFault.AUTH_FAILED, fault_of(good, stranger)),
    ]
    with ExitStack() as servers:
        for character, fault in CHARACTERS.items():
            found.append((fault, fault_of(servers.enter_context(Character(character)), login)))
    with Link(host, Way()) as link:
        assert fault_of(target(host), login)[0] is SshFault.HOST_KEY_UNKNOWN  # it is reached, and its address known
        link.there = NOWHERE
        found.append((SshFault.TCP_TIMEOUT, fault_of(good, login)))
    slowest = max(seconds for _, (_, seconds) in found)

    assert [seen for _, (seen, _) in found] == [expected for expected, _ in found]
    assert slowest <= CONNECTING
    proof.row(
        f"F21 SSH servers that are refused, filtered, not there, without a name, silent, stalled, dripping, flooding, "
        f"no SSH, closing, of another or an unknown key, refusing the login: {len(found)} cases",
        "each its code, within 10 s (the longest wait is that for the key exchange)",
        f"{len(found)} of {len(found)}, {len({fault for fault, _ in found})} codes, the slowest after {slowest:.1f} s",
    )


def test_f21_each_way_to_lose_a_machine_at_work_has_its_code_and_an_end(host: Host, proof: Proof) -> None:
    login, here = Login(host.private_key), target(host, host.fingerprint)

    def follow(machine: Shell) -> None:
        machine.stream("sleep 600", lambda _: None, limit=600, silence=SILENCE_SECONDS)

    def lose(machine: Shell) -> None:
        link.there = link.back = NOWHERE
        follow(machine)

    def cut(machine: Shell) -> None:
        host.cut_sessions()
        follow(machine)

    found = [
        (SshFault.TIME_LIMIT, fault_of(here, login, lambda machine: machine.run("sleep 600", limit=5))),
        (SshFault.CONNECTION_LOST, fault_of(here, login, cut)),
    ]
    megabytes = grown_by(here, login, proof.count(full=1000, small=50))
    with Link(host, Way()) as link:
        found.append((SshFault.CONNECTION_LOST, fault_of(here, login, lose)))
    slowest = max(seconds for _, (_, seconds) in found)

    assert [seen for _, (seen, _) in found] == [expected for expected, _ in found]
    assert slowest <= DEAD
    assert megabytes <= MEGABYTES
    proof.row(
        "F21 SSH sessions that have no end, are killed, or whose machine is gone without a word; 1 GB of output",
        f"each its code, a dead machine noticed within {DEAD:.0f} s, memory grows by {MEGABYTES} MB at most",
        f"{len(found)} of {len(found)}, the slowest after {slowest:.1f} s, {megabytes:.1f} MB",
    )


def grown_by(where: SshTarget, login: Login, megabytes: int) -> float:
    """Megabytes of memory that so many of output cost."""
    with shell(where, login) as machine:
        before = psutil.Process().memory_info().rss
        ran = machine.run(f"head -c {megabytes}000000 /dev/zero", limit=200)
        assert len(ran.output) + ran.dropped == megabytes * 1_000_000
        return (psutil.Process().memory_info().rss - before) / 1e6
