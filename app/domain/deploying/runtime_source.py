"""Where the runtime of a machine comes from: sent as a bundle, or made there with the machine's own Node.js and npm."""

import re
from dataclasses import dataclass

from app.domain.deploying.facts import Facts
from app.domain.deploying.request import Source
from app.domain.deploying.runtime import platform_of
from app.domain.deploying.ssh import SshFault

OLDEST_NODE = (20, 6)  # the first that reads a file of variables
OLDEST_NPM = (9, 0)
NODE = "Node.js 20.6 or newer"
MANAGERS = {"Linux": ("apt-get", "dnf", "apk"), "Darwin": ("brew",)}


@dataclass(frozen=True)
class Choice:
    """What becomes of it on one machine: never AUTO. With a refusal nothing is done."""

    source: Source
    manager: str = ""  # what installs Node.js there first, if anything
    sudo: bool = False  # for that
    refusal: str = ""
    fault: SshFault = SshFault.PREFLIGHT


@dataclass(frozen=True)
class Recipe:
    """How a machine makes its runtime itself: `package` is `name@version`, or a file of BUNDLE_DIR that goes along."""

    package: str
    program: str  # a command of the package, which agents are started with
    manager: str = ""
    sudo: bool = False
    goes_along: bool = False


def choose(asked: Source, facts: Facts) -> Choice:
    """Where the runtime of a probed machine comes from. System packages only for who asks for them."""
    has_bundle = platform_of(facts) is not None
    if asked is Source.BUNDLE or (asked is Source.AUTO and has_bundle):
        refusal = f"There is no runtime bundle for {_named(facts)}: ask for the runtime `machine` or `packages`"
        return Choice(Source.BUNDLE, refusal="" if has_bundle else refusal)
    lack = _lack(facts)
    if not lack:
        return Choice(Source.MACHINE)
    if asked is Source.PACKAGES:
        return _packages(facts)
    why = f"{lack}, and there is no runtime bundle for {_named(facts)}" if asked is Source.AUTO else lack
    return Choice(Source.MACHINE, refusal=f"{why}: ask for the runtime `packages`, or install {NODE} with npm there")


def _packages(facts: Facts) -> Choice:
    manager = facts.get("packages", "")
    if manager not in MANAGERS.get(facts.get("os", ""), ()):
        wanted = "brew" if facts.get("os") == "Darwin" else "apt-get, dnf or apk"
        return Choice(Source.PACKAGES, refusal=f"The machine has no {wanted}: install {NODE} with npm there by hand")
    sudo = facts.get("sudo")
    if manager == "brew":
        said = "brew does not run as root: deploy as the user who owns it" if sudo == "root" else ""
        return Choice(Source.PACKAGES, manager, refusal=said)
    if sudo in ("root", "yes"):
        return Choice(Source.PACKAGES, manager, sudo == "yes")
    said = f"{manager} needs root: deploy as root, allow this user sudo without a password, or install {NODE} there"
    return Choice(Source.PACKAGES, manager, True, said, SshFault.SUDO_PASSWORD)


def _lack(facts: Facts) -> str:
    """Why npm cannot make a runtime on the machine as it is, or ""."""
    if facts.get("node") != "yes":
        return "The machine has no Node.js"
    if _numbers(facts, "node") < OLDEST_NODE:
        return f"The machine's Node.js is too old ({facts.get('node_version') or 'it does not start'})"
    if facts.get("npm") != "yes":
        return "The machine has Node.js, but no npm"
    # A version that the probe could not find out is looked at again where npm is used.
    is_old = bool(facts.get("npm_version")) and _numbers(facts, "npm") < OLDEST_NPM
    return f"The machine's npm is too old ({facts['npm_version']})" if is_old else ""


def _numbers(facts: Facts, program: str) -> tuple[int, int]:
    found = re.match(r"v?([0-9]+)\.([0-9]+)", facts.get(f"{program}_version", ""))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _named(facts: Facts) -> str:
    return f"{facts.get('os')} {facts.get('arch')} ({facts.get('libc') or 'libc unknown'})"
