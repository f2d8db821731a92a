"""Carry out a deploy: look at the machine, send what it needs, follow the detached job there, wait for the node."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.domain.deploying.facts import boot_advice, findings, read_facts
from app.domain.deploying.request import PLAN, DeployOrder
from app.domain.deploying.runtime import Bundle, is_present
from app.domain.deploying.setup import SCRIPT_ENDS
from app.domain.deploying.ssh import PASSING, Login, SshFailure, SshFault
from app.domain.errors import InvalidInput, MusterError, ProgramNotBuilt, RuntimeUnavailable, Unavailable
from app.domain.jobs import CANCELLED, Outcome, StepState
from app.gateways import envelope, ssh
from app.gateways.ssh import Shell
from app.models import Job
from app.services.deploying import host_keys, parcel, remote, runtime
from app.services.deploying.asking import binding, order_of
from app.services.deploying.following import Follower
from app.services.deploying.registration import wait_for_node
from app.services.jobs.run import JobRun

PAUSES = (1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0)  # seconds before each try to reach the machine again
STOP_SECONDS = 3.0  # to reach a machine on which a cancelled job is to be stopped
LOST = frozenset({SshFault.CONNECTION_LOST})
STOPPED = CANCELLED.message
NOT_STOPPED = "what runs on the machine could not be stopped"
STARTED = "Cancelled; the daemon on the machine was started before, and goes on"
GONE = Outcome(
    False, "credential_expired", "The login for this machine is no longer there", advice="Retry with the key"
)


class Cancelled(MusterError):
    """Somebody asked for the end."""

    code = "cancelled"

    def __init__(self, sentence: str, stopped: bool = False) -> None:
        super().__init__(sentence)
        self.stopped = stopped  # what ran on the machine is stopped already


def carry_out(job: Job, run: JobRun) -> Outcome:
    """Make a machine a node. A lost runner's successor goes on where the remote log was read to."""
    order = order_of(job.target)
    try:
        login = envelope.read(job.id, binding(order))
        if login is None:
            return GONE
        run.plan(PLAN)
        try:
            details = _steps(job, run, order, login)
        except Cancelled as cancelled:
            said = str(cancelled) if cancelled.stopped else _stopped(job, order, login, str(cancelled))
            return replace(CANCELLED, message=said)
    except SshFailure as failure:
        return Outcome(False, failure.code, str(failure), {"fingerprint": failure.fingerprint}, failure.advice)
    except (InvalidInput, ProgramNotBuilt, RuntimeUnavailable, Unavailable) as failure:
        return Outcome(False, failure.code, str(failure))
    return Outcome(True, "ok", f"{order.node_id} is online", details, boot_advice(details["facts"]))


def stop_left(job: Job) -> str:
    """Stop what a job left on the machine that ended without its runner; a sentence about it."""
    if "origin" in job.target:
        return SCRIPT_ENDS.capitalize()
    order = order_of(job.target)
    try:
        login = envelope.read(job.id, binding(order))
        if login is None:
            return f"{NOT_STOPPED.capitalize()}: the login is no longer there"
        with ssh.shell(order.target, login) as machine:
            remote.stop(machine, job.id)
    except (SshFailure, InvalidInput, Unavailable) as failure:
        return f"{NOT_STOPPED.capitalize()}: {failure}"
    return "What it had started on the machine was stopped"


def _steps(job: Job, run: JobRun, order: DeployOrder, login: Login) -> dict[str, Any]:
    began = job.started_at or job.created_at
    follower = Follower(job, run)
    facts: dict[str, str] = {}

    def over_one_connection() -> None:
        if follower.begun:
            with ssh.shell(order.target, login, lambda: _heed(run)) as machine:
                _follow(machine, job.id, lambda: follower.follow(machine))
        else:
            with _reached(run, order, login) as machine:
                facts.update(_look(run, machine, job, order))
                _follow(machine, job.id, lambda: _begin(job, run, order, machine, facts, follower))

    _over_connections(run, over_one_connection, lambda: follower.step if follower.begun else "")
    with run.step("register"):
        # A heartbeat of the daemon that ran before says nothing about the one that was started now.
        agents = wait_for_node(order, follower.restarted_at or began, lambda: _heed(run, STARTED))
    run.renew()
    return {"facts": facts | follower.facts, "agents": agents}


def _begin(
    job: Job, run: JobRun, order: DeployOrder, machine: Shell, facts: dict[str, str], follower: Follower
) -> bool:
    """Send what the machine needs, unless an earlier attempt has, and follow the job there."""
    if facts.pop("sent", "") == "yes":
        run.hear(marks=[(step, StepState.SUCCEEDED, "") for step in ("bundle", "upload")])
        return follower.follow(machine)
    with run.step("bundle"):
        prepared = runtime.prepare(run, order, facts, lambda: _heed(run))
    with ExitStack() as sending:
        sending.enter_context(run.step("upload"))
        if isinstance(prepared, Bundle) and not is_present(facts, prepared.sha256):
            _send_runtime(run, machine, prepared)
        done = follower.begin(machine, parcel.archive(job, order, facts, prepared), sending.close)
        if not follower.begun:  # it was not sent to its end
            _heed(run)
    return done


@contextmanager
def _reached(run: JobRun, order: DeployOrder, login: Login) -> Iterator[Shell]:
    """A connection; the step ends when it stands."""
    with ExitStack() as connection:
        with run.step("connect"):
            machine = connection.enter_context(ssh.shell(order.target, login, lambda: _heed(run)))
            for believed in filter(None, (order.target.bastion, order.target)):
                host_keys.pin(believed)
            run.jot("connect", [f"Connected to {order.target.shown}"])
        yield machine


def _look(run: JobRun, machine: Shell, job: Job, order: DeployOrder) -> dict[str, str]:
    with run.step("probe"):
        said = remote.probe(machine, job.target["enterprise_url"], order.node_port, job.id, run.heed)
        _heed(run)
        facts = read_facts(said)
        report = [*findings(facts, order.node_id, time.time()), *runtime.findings(order, facts)]
        found = [f"{key}: {value}" for key, value in facts.items()]
        run.jot("probe", found + [("refused: " if one.refuses else "note: ") + one.sentence for one in report])
        for one in report:
            if one.refuses:
                raise SshFailure(one.fault, one.sentence)
    return facts


def _send_runtime(run: JobRun, machine: Shell, bundle: Bundle) -> None:
    began = time.monotonic()
    remote.send_runtime(machine, bundle, run.job_id, run.heed)
    _heed(run)
    run.log("upload", [f"Sent the runtime, {bundle.size // 2**20} MB, in {time.monotonic() - began:.1f} s"])


def _follow(machine: Shell, job_id: UUID, follow: Callable[[], bool]) -> None:
    """Follow the job on the machine to its end."""
    try:
        done = follow()
    except SshFailure as failure:
        if failure.fault is SshFault.TIME_LIMIT:  # nobody follows it any more
            remote.stop(machine, job_id)
        raise
    if not done:
        remote.stop(machine, job_id)
        raise Cancelled(STOPPED, stopped=True)


def _over_connections(run: JobRun, work: Callable[[], None], followed: Callable[[], str]) -> None:
    """Do work over as many connections as it takes; `followed` is the step on the machine that is followed, or ""."""
    for pause in (*PAUSES, None):
        try:
            return work()
        except SshFailure as failure:
            passing = PASSING if followed() else LOST
            if pause is None or failure.fault not in passing:
                raise
            step = followed() or run.step_at_work("connect")
            run.log(step, [f"The connection was lost ({failure}); connecting again"])
        _pause(run, pause)
    raise AssertionError  # the last turn returned or raised


def _stopped(job: Job, order: DeployOrder, login: Login, sentence: str) -> str:
    """Stop what runs for a job on the machine, and remove its secrets; the sentence, or what it could not do."""
    deadline = time.monotonic() + STOP_SECONDS

    def be_quick() -> None:
        if time.monotonic() > deadline:
            raise SshFailure(SshFault.TCP_TIMEOUT, f"{order.host} did not answer within {STOP_SECONDS:.0f} s")

    try:
        with ssh.shell(order.target, login, be_quick) as machine:
            remote.stop(machine, job.id)
    except SshFailure as failure:
        return f"Cancelled, but {NOT_STOPPED}: {failure}"
    return sentence


def _pause(run: JobRun, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _heed(run)
        time.sleep(0.25)


def _heed(run: JobRun, sentence: str = STOPPED) -> None:
    """Renew the lease; stop when somebody asked for it."""
    if run.heed():
        raise Cancelled(sentence)
