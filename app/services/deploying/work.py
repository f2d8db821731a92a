"""Carry out a deploy: look at the machine, send what it needs, follow the detached job there, wait for the node."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app.domain.deploying.facts import findings, read_facts
from app.domain.deploying.request import PLAN, DeployOrder
from app.domain.errors import InvalidInput, MusterError
from app.domain.jobs import CANCELLED, Outcome
from app.domain.ssh import Login, SshFailure
from app.gateways import envelope, ssh
from app.gateways.ssh import Shell
from app.models import Job
from app.services.deploying import parcel, remote
from app.services.deploying.asking import binding
from app.services.deploying.following import Follower
from app.services.deploying.registration import wait_for_node
from app.services.jobs.run import JobRun

CONNECTIONS = 8  # tries to reach the machine again while the job there goes on
PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds between them; the last one repeats
GONE = Outcome(
    False, "credential_expired", "The login for this machine is no longer there", advice="Retry with the key"
)


class Cancelled(MusterError):
    """Somebody asked for the end."""

    code = "cancelled"


def carry_out(job: Job, run: JobRun) -> Outcome:
    """Make a machine a node. A lost runner's successor goes on where the remote log was read to."""
    order = DeployOrder.from_stored({key: value for key, value in job.target.items() if key != "enterprise_url"})
    login = envelope.read(job.id, binding(order))
    if login is None:
        return GONE
    run.plan(PLAN)
    try:
        details = _steps(job, run, order, login)
    except Cancelled:
        return CANCELLED
    except SshFailure as failure:
        return Outcome(False, failure.code, str(failure), {"fingerprint": failure.fingerprint}, failure.advice)
    except InvalidInput as failure:
        return Outcome(False, failure.code, str(failure))
    finally:
        envelope.forget(job.id)
    return Outcome(True, "ok", f"{order.node_id} is online", details)


def _steps(job: Job, run: JobRun, order: DeployOrder, login: Login) -> dict[str, object]:
    began = job.started_at or job.created_at
    with _reached(run, order, login) as machine:
        with run.step("probe"):
            facts = _look(run, machine, job, order)
        if not remote.is_there(machine, job.id):
            with run.step("upload"):
                parcel.send(machine, job, order, facts)
    follower = Follower(job, run)
    _follow(run, order, login, follower)
    with run.step("register"):
        agents = wait_for_node(order, began, lambda: _heed(run))
    return {"facts": facts | follower.facts, "agents": agents}


@contextmanager
def _reached(run: JobRun, order: DeployOrder, login: Login) -> Iterator[Shell]:
    """A connection; the step ends when it stands."""
    with ExitStack() as connection:
        with run.step("connect"):
            machine = connection.enter_context(ssh.shell(order.target, login))
            run.log("connect", [f"Connected to {order.target.shown}"])
        yield machine


def _look(run: JobRun, machine: Shell, job: Job, order: DeployOrder) -> dict[str, str]:
    said = remote.probe(machine, job.target["enterprise_url"], order.node_port)
    facts = read_facts(said)
    report = findings(facts, order.node_id, time.time())
    run.log("probe", [f"{key}: {value}" for key, value in facts.items()])
    run.log("probe", [("refused: " if one.refuses else "note: ") + one.sentence for one in report])
    for one in report:
        if one.refuses:
            raise SshFailure(one.fault, one.sentence)
    return facts


def _follow(run: JobRun, order: DeployOrder, login: Login, follower: Follower) -> None:
    """Follow the job on the machine to its end, over as many connections as it takes."""
    for turn in range(CONNECTIONS):
        try:
            with ssh.shell(order.target, login) as machine:
                if follower.follow(machine):
                    return
                remote.stop(machine, run.job_id)
                raise Cancelled("Cancelled")
        except SshFailure as failure:
            if not failure.passes or turn == CONNECTIONS - 1:
                raise
            run.log(follower.step, [f"The connection was lost ({failure}); connecting again"])
            _pause(run, PAUSES[min(turn, len(PAUSES) - 1)])


def _pause(run: JobRun, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _heed(run)
        time.sleep(0.25)


def _heed(run: JobRun) -> None:
    """Renew the lease; stop when somebody asked for it."""
    if run.renew():
        raise Cancelled("Cancelled")
