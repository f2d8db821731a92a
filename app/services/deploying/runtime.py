"""The runtime of a deploy: one that is sent, made before anything is sent, or how the machine makes it itself."""

from collections.abc import Callable

from app.domain.deploying.facts import Facts, Finding
from app.domain.deploying.request import DeployOrder, Source
from app.domain.deploying.runtime import Bundle, is_present, needs_runtime, platform_of
from app.domain.deploying.runtime_source import Recipe, choose
from app.domain.deploying.ssh import SshFailure, SshFault
from app.domain.errors import RuntimeUnavailable
from app.extensions import settings
from app.gateways.runtime import Workshop
from app.services.jobs.run import JobRun

STEP = "bundle"
Runtime = Bundle | Recipe


def findings(order: DeployOrder, facts: Facts) -> list[Finding]:
    """What stands in the way of a runtime for a probed machine."""
    if not needs_runtime(order, settings().agent_package):
        return []
    choice = choose(order.runtime_from, facts)
    return [Finding(True, choice.refusal, choice.fault)] if choice.refusal else []


def prepare(run: JobRun, order: DeployOrder, facts: Facts, heed: Callable[[], None]) -> Runtime | None:
    """The runtime for a probed machine, or None when no agent of the order needs one.

    `heed` is called now and then, and raises to end it. Raises RuntimeUnavailable, SshFailure without room for it.
    """
    package = settings().agent_package
    if not needs_runtime(order, package):
        run.jot(STEP, ["No agent needs a runtime: the daemon starts them itself"])
        return None
    workshop = Workshop(settings().bundle_dir, lambda line: run.log(STEP, [line]), heed)
    choice = choose(order.runtime_from, facts)
    platform = platform_of(facts)
    if choice.source is not Source.BUNDLE or platform is None:
        name, goes_along = workshop.package(package)
        first = f"after packages of the system by {choice.manager}" if choice.manager else "with its own Node.js"
        run.jot(STEP, [f"The machine makes its runtime itself, by npm, {first}"])
        return Recipe(name, settings().agent_command[0], choice.manager, choice.sudo, goes_along)
    bundle = workshop.bundle(package, platform)
    _expect_program(bundle)
    _expect_room(bundle, facts)
    return bundle


def _expect_program(bundle: Bundle) -> None:
    program = settings().agent_command[0]
    if program not in bundle.programs:
        raise RuntimeUnavailable(
            f"AGENT_COMMAND starts {program}, which is no program of {bundle.package}: set AGENT_COMMAND to one of its "
            "programs, or AGENT_PACKAGE=none when it is on the machines already"
        )


def _expect_room(bundle: Bundle, facts: Facts) -> None:
    free = int(facts.get("free_mb") or 0)
    if not is_present(facts, bundle.sha256) and free < bundle.disk_mb:
        sentence = f"{free} MB are free in the home folder; the runtime needs {bundle.disk_mb} MB"
        raise SshFailure(SshFault.DISK_FULL, sentence)
