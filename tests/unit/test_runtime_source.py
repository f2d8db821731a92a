"""Where the runtime of a machine comes from, by what it has and what was asked for."""

import pytest

from app.domain.deploying.request import AgentOrder, DeployOrder, Source
from app.domain.deploying.runtime_source import Choice, choose
from app.domain.deploying.ssh import SshFault

DEBIAN = {
    "os": "Linux",
    "arch": "x86_64",
    "libc": "ldd (Debian GLIBC 2.36-9) 2.36",
    "packages": "apt-get",
    "sudo": "root",
}
ALPINE = {"os": "Linux", "arch": "x86_64", "libc": "musl libc (x86_64) 1.2.5", "packages": "apk", "sudo": "root"}
MAC = {"os": "Darwin", "arch": "arm64", "packages": "brew", "sudo": "password"}
NEW = {"node": "yes", "node_version": "v22.20.0", "npm": "yes", "npm_version": "10.9.3"}
OLD = {**NEW, "node_version": "v18.20.4"}
AUTO, BUNDLE, MACHINE, PACKAGES = Source


@pytest.mark.parametrize(
    ("asked", "facts", "choice"),
    [
        (AUTO, DEBIAN, Choice(BUNDLE)),
        (AUTO, DEBIAN | NEW, Choice(BUNDLE)),
        (AUTO, ALPINE | NEW, Choice(MACHINE)),
        (AUTO, MAC | NEW, Choice(MACHINE)),
        (AUTO, MAC | NEW | {"node_version": "v20.6.0"}, Choice(MACHINE)),
        (BUNDLE, DEBIAN | NEW, Choice(BUNDLE)),
        (MACHINE, DEBIAN | NEW, Choice(MACHINE)),
        (MACHINE, MAC | NEW | {"npm_version": ""}, Choice(MACHINE)),
        (PACKAGES, DEBIAN | NEW, Choice(MACHINE)),
        (PACKAGES, DEBIAN, Choice(PACKAGES, "apt-get")),
        (PACKAGES, DEBIAN | OLD | {"sudo": "yes"}, Choice(PACKAGES, "apt-get", sudo=True)),
        (PACKAGES, DEBIAN | {"packages": "dnf"}, Choice(PACKAGES, "dnf")),
        (PACKAGES, ALPINE | NEW | {"npm": "no"}, Choice(PACKAGES, "apk")),
        (PACKAGES, MAC, Choice(PACKAGES, "brew")),
    ],
)
def test_what_is_taken(asked: Source, facts: dict[str, str], choice: Choice) -> None:
    assert choose(asked, facts) == choice


@pytest.mark.parametrize(
    ("asked", "facts", "sentence"),
    [
        (AUTO, ALPINE, "The machine has no Node.js, and there is no runtime bundle for Linux x86_64 (musl"),
        (AUTO, MAC | OLD, "Node.js is too old (v18.20.4), and there is no runtime bundle for Darwin arm64"),
        (AUTO, MAC | NEW | {"node_version": ""}, "too old (it does not start)"),
        (AUTO, MAC | NEW | {"npm": "no"}, "ask for the runtime `packages`, or install Node.js 20.6 or newer with npm"),
        (MACHINE, DEBIAN | NEW | {"npm_version": "8.19.4"}, "The machine's npm is too old (8.19.4): ask for"),
        (MACHINE, DEBIAN | NEW | {"node_version": "v20.5.1"}, "too old (v20.5.1): ask for the runtime `packages`"),
        (BUNDLE, MAC | NEW, "no runtime bundle for Darwin arm64 (libc unknown): ask for the runtime `machine` or"),
        (PACKAGES, ALPINE | {"packages": ""}, "has no apt-get, dnf or apk: install Node.js 20.6 or newer"),
        (PACKAGES, MAC | {"packages": ""}, "has no brew: install"),
        (PACKAGES, MAC | {"sudo": "root"}, "brew does not run as root"),
        (PACKAGES, DEBIAN | {"packages": "brew"}, "has no apt-get, dnf or apk"),
    ],
)
def test_what_is_refused_says_what_to_try(asked: Source, facts: dict[str, str], sentence: str) -> None:
    choice = choose(asked, facts)
    assert sentence in choice.refusal
    assert choice.fault is SshFault.PREFLIGHT


@pytest.mark.parametrize("sudo", ["password", "none"])
def test_system_packages_are_for_who_may_install_them_without_a_password(sudo: str) -> None:
    choice = choose(PACKAGES, DEBIAN | {"sudo": sudo})
    assert choice.fault is SshFault.SUDO_PASSWORD
    assert choice.refusal.startswith("apt-get needs root: deploy as root, allow this user sudo without a password, or")


def test_orders_of_before_are_read_as_they_were_meant() -> None:
    order = DeployOrder("h", "root", "SHA256:x", "n-1", agents=(AgentOrder("a-1"),), runtime_from=MACHINE)
    stored = order.stored()
    assert DeployOrder.from_stored(stored) == order
    del stored["runtime_from"]
    assert DeployOrder.from_stored(stored).runtime_from is AUTO
