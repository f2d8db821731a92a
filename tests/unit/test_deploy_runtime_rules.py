"""Which machines a runtime is for, and which orders need one."""

import pytest

from app.domain.deploying.request import AgentOrder, DeployOrder
from app.domain.deploying.runtime import Platform, is_present, needs_runtime, platform_of

GLIBC = "ldd (Debian GLIBC 2.36-9+deb12u10) 2.36"


@pytest.mark.parametrize(
    ("system", "arch", "libc", "platform"),
    [
        ("Linux", "x86_64", GLIBC, Platform.X64),
        ("Linux", "aarch64", "ldd (GNU libc) 2.28", Platform.ARM64),
        ("Linux", "x86_64", "ldd (GNU libc) 2.17", None),
        ("Linux", "x86_64", "musl libc (x86_64) 1.2.5", None),
        ("Linux", "armv7l", GLIBC, None),
        ("Darwin", "arm64", "", None),
    ],
)
def test_a_runtime_is_for_machines_on_which_our_node_runs(
    system: str, arch: str, libc: str, platform: Platform | None
) -> None:
    assert platform_of({"os": system, "arch": arch, "libc": libc}) is platform


def test_only_an_agent_without_a_command_of_its_own_needs_one() -> None:
    plain, own = AgentOrder("a-1"), AgentOrder("a-2", command=("sleep", "9"))

    def order(*agents: AgentOrder) -> DeployOrder:
        return DeployOrder("h", "root", "SHA256:x", "n-1", agents=agents)

    assert needs_runtime(order(plain, own), "the-package")
    assert not needs_runtime(order(own), "the-package")
    assert not needs_runtime(order(plain), "")
    assert not needs_runtime(order(), "the-package")


def test_what_a_machine_has_is_not_sent_again() -> None:
    assert is_present({"runtimes": "aa bb"}, "bb")
    assert not is_present({}, "bb")
