"""The same steps by Ansible, with pipelining, from an environment of its own that nothing else uses."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from bench.deploy.raw import options
from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.servers import ROOT
from tests.kit.hosts import Host, Network
from tests.kit.roots import USER

HERE = Path(__file__).parent
LOCK = HERE / "requirements.txt"
HOME = ROOT / "build" / "bench-ansible"
FORKS = 32
INSTALL_SECONDS, LIMIT_SECONDS = 240.0, 240.0


def install() -> None:
    """Make the environment once. Raises NotMeasurable where it cannot be had."""
    stamp, lock = HOME / "lock", sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == lock:
        return
    pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(HOME)],
        [*pip, "--no-input", "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        if done.returncode:
            raise NotMeasurable(f"Ansible could not be installed: {done.stderr[-300:]}")
    stamp.write_text(lock)


def run(network: Network, hosts: Sequence[Host]) -> float:
    """The playbook on hosts that were deployed to; seconds until it has ended. Raises NotMeasurable."""
    files = network.folder / "ansible"
    files.mkdir(exist_ok=True)
    known = network.folder / "known_hosts"
    known.write_text("".join(host.known_host for host in hosts))
    for host in hosts:
        (files / f"{host.name}.env").write_bytes((host.home() / ".agenticmail" / "worker.env").read_bytes())
    ours = hosts[0].home() / ".agenticmail"
    (files / "worker.pyz").write_bytes((ours / "daemon" / "worker.pyz").read_bytes())
    (files / "agents.json").write_bytes((ours / "state" / "agents.json").read_bytes())
    inventory = files / "inventory"
    inventory.write_text("".join(f"{host.name} ansible_host={host.address}\n" for host in hosts))
    command = [str(HOME / "bin" / "ansible-playbook"), "-i", str(inventory), "-e", f"files={files}"]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, str(HERE / "playbook.yml")],
        env=_environment(files, " ".join(options(network.login, known))),
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise NotMeasurable(f"The playbook failed: {(done.stdout + done.stderr)[-1500:]}")
    return time.perf_counter() - began


def _environment(files: Path, ssh_options: str) -> dict[str, str]:
    return {
        "PATH": f"{HOME / 'bin'}:{os.environ['PATH']}",
        "HOME": str(files),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_REMOTE_USER": USER,
        "ANSIBLE_SSH_ARGS": f"{ssh_options} -o ControlMaster=auto -o ControlPersist=60s",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(files / "c"),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_FORKS": str(FORKS),
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_LOCALHOST_WARNING": "0",
    }
