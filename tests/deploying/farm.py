"""Many machines on loopback: an address for each behind a few real sshd, and a home folder of its own."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.deploying.machines import processes_of
from tests.gateways.ssh.machines import ME, SSHD, Sshd, free_port

MOST_ADDRESSES = 15  # of one sshd, which listens on 16 at most


class Farm:
    """Machines that have one login, and the host key of their sshd."""

    def __init__(self, machines: dict[str, Sshd]) -> None:
        self.machines = machines  # by their addresses
        self.login = next(iter(machines.values())).private_key

    def row(self, host: str) -> dict[str, object]:
        """What a machine has of its own in a request."""
        node_id = f"node-{host.rpartition('.')[2]}"
        return {"host": host, "port": self.machines[host].port, "nodeId": node_id, "nodePort": free_port()}

    def request(self, **said: object) -> dict[str, object]:
        """A request for all of them."""
        fingerprints = {f"{host}:{server.port}": server.fingerprint for host, server in self.machines.items()}
        login = {"user": ME, "privateKey": self.login}
        return {"hosts": [self.row(host) for host in self.machines], "fingerprints": fingerprints, **login, **said}

    def csv(self) -> str:
        """The same as a list, without host keys and login."""
        names = ("host", "port", "nodeId", "nodePort")
        rows = [self.row(host) for host in self.machines]
        return "\n".join([",".join(names), *(",".join(str(row[name]) for name in names) for row in rows)])


@contextmanager
def a_farm(folder: Path, homes: Path, programs: Path, count: int, locked: Sequence[int] = ()) -> Iterator[Farm]:
    """`locked` ones, counted from 1, accept no login."""
    if SSHD is None:
        pytest.skip("OpenSSH's server is not installed (Debian: openssh-server)")
    inside = f"HOME={homes}/$3 XDG_RUNTIME_DIR=/nonexistent PATH={programs}:{os.environ['PATH']}"
    command = f'set -- $SSH_CONNECTION; cd {homes}/$3 && exec env {inside} /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
    shut = [line for number in locked for line in (f"Match LocalAddress 127.0.2.{number}", "AuthorizedKeysFile none")]
    hosts = [f"127.0.2.{number}" for number in range(1, count + 1)]
    with ExitStack() as servers:
        machines: dict[str, Sshd] = {}
        for start in range(0, count, MOST_ADDRESSES):
            here = hosts[start : start + MOST_ADDRESSES]
            own = folder / f"farm-{start}"
            own.mkdir()
            listen = [f"ListenAddress {host}" for host in here]
            server = Sshd(own, *listen, f"ForceCommand {command}", *shut)
            first = next(iter(machines.values()), server)
            (own / "authorized").write_text((first.folder / "login.pub").read_text())
            machines |= dict.fromkeys(here, servers.enter_context(server))
        for host in hosts:
            (homes / host).mkdir()
        try:
            yield Farm(machines)
        finally:
            for pid in (pid for host in hosts for pid in processes_of(homes / host)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
