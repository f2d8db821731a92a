"""The limit: OpenSSH's own client with the same key exchange, one connection per host, and the same scripts."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from app.domain.deploying.files import runner_vars
from app.services.deploying import parcel, remote
from bench.heartbeats.errors import NotMeasurable
from tests.kit.hosts import Host, Network
from tests.kit.roots import USER

ALL_AT_ONCE = (
    "umask 077; R=$HOME/.agenticmail; F=$R/deploy/{job}; mkdir -p $F $R/runtime && tar xf - -C $F && "
    "{{ [ ! -f $F/runtime.tar.gz ] || mv $F/runtime.tar.gz $R/runtime/{runtime}.tar.gz; }} && "
    "sh $F/probe.sh {url} 3101 && sh $F/runner.sh $F"
)
LIMIT_SECONDS = 120.0


@dataclass(frozen=True)
class Load:
    """What is sent to one host."""

    job: str
    files: dict[str, bytes]
    runtime: str = ""


def load(host: Host, like: Host, runtime: tuple[str, bytes] = ("", b"")) -> Load:
    """The files that our deploy sends to a host, as they lie on one that it was deployed `like`."""
    job, ours = f"raw-{uuid4()}", like.home() / ".agenticmail"
    sha256, archive = runtime
    said = {
        "JOB_ID": job,
        "DAEMON_SHA256": (ours / "daemon" / "worker.pyz.sha256").read_text(),
        "RUNTIME_SHA256": sha256,
        "SYSTEMD_USER": "no",
        "NODE_PORT": "3101",
    }
    settings = (ours / "worker.env").read_text().replace(like.address, host.address).replace(like.name, host.name)
    files = {
        "vars": runner_vars(said).encode(),
        "worker.env": settings.encode(),
        "agents.json": (ours / "state" / "agents.json").read_bytes(),
        "probe.sh": remote.script("probe.sh"),
        "runner.sh": remote.script("runner.sh"),
    }
    if host is not like:
        files["worker.pyz"] = (ours / "daemon" / "worker.pyz").read_bytes()
    return Load(job, files | ({"runtime.tar.gz": archive} if archive else {}), sha256)


def run(network: Network, url: str, loads: Sequence[tuple[Host, Load]]) -> float:
    """Run all at the same time; seconds until the last has ended. Raises NotMeasurable."""
    known = network.folder / "known_hosts"
    known.write_text("".join(host.known_host for host, _ in loads))
    with ExitStack() as opened:
        inputs = [opened.enter_context(tempfile.TemporaryFile()) for _ in loads]
        for (_, load), file in zip(loads, inputs, strict=True):
            file.write(parcel.packed(load.files))
            file.seek(0)
        began = time.perf_counter()
        started = [
            subprocess.Popen(
                _command(host, network.login, known, ALL_AT_ONCE.format(job=load.job, url=url, runtime=load.runtime)),
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for (host, load), file in zip(loads, inputs, strict=True)
        ]
        for process in started:
            _end(process)
        return time.perf_counter() - began


def _end(process: subprocess.Popen[bytes]) -> None:
    said, _ = process.communicate(timeout=LIMIT_SECONDS)
    if process.returncode or b"@@ end ok" not in said:
        raise NotMeasurable(f"The scripts failed over raw ssh: {said.decode()[-1500:]}")


def options(login: Path, known: Path) -> list[str]:
    """How ssh is told to use our key and host keys only, and the key exchange that we use."""
    said = ("BatchMode=yes", "IdentitiesOnly=yes", f"UserKnownHostsFile={known}", "KexAlgorithms=curve25519-sha256")
    return ["-F", "/dev/null", "-i", str(login), *(word for one in said for word in ("-o", one))]


def _command(host: Host, login: Path, known: Path, command: str) -> list[str]:
    return ["ssh", *options(login, known), f"{USER}@{host.address}", command]
