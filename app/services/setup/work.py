"""Carry out a setup: hear what the script says, decide whether it goes on, wait for the node."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import update

from app.domain.deploying.facts import boot_advice, findings, read_facts
from app.domain.deploying.runtime_source import Recipe
from app.domain.deploying.setup import PLAN, SCRIPT_ENDS, SILENCE_SECONDS, Origin
from app.domain.deploying.ssh import SshFailure, SshFault
from app.domain.errors import InvalidInput, MusterError, RuntimeUnavailable
from app.domain.jobs import CANCELLED, Outcome, StepState
from app.extensions import db
from app.models import Job
from app.services.deploying import runtime
from app.services.deploying.asking import order_of
from app.services.deploying.following import Follower
from app.services.deploying.registration import wait_for_node
from app.services.jobs.run import JobRun
from app.services.setup import receipts
from app.services.transaction import transaction

LOOK_SECONDS = 0.3


class Cancelled(MusterError):
    """Somebody asked for the end; the script hears of it when it says something next."""

    code = "cancelled"


def carry_out(job: Job, run: JobRun) -> Outcome:
    """Make a machine a node whose owner runs the script. A lost runner's successor goes on where was read to."""
    run.plan(PLAN)
    try:
        details = _Setup(job, run).carry_out()
    except Cancelled:
        return replace(CANCELLED, message=f"Cancelled; {SCRIPT_ENDS}")
    except SshFailure as failure:
        return Outcome(False, failure.code, str(failure), {}, "Make a new line and run it on the machine")
    except (InvalidInput, RuntimeUnavailable) as failure:
        return Outcome(False, failure.code, str(failure))
    finally:
        receipts.forget(job.id)
    return Outcome(True, "ok", f"{job.node_id} is online", details, boot_advice(details["facts"]))


class _Setup:
    """One attempt at it."""

    def __init__(self, job: Job, run: JobRun) -> None:
        self._job, self._run = job, run
        self._order = order_of(job.target)
        self._follower = Follower(job, run)
        self._read_to = job.remote_offset
        self._facts: dict[str, str] = job.target.get("facts") or {}

    def carry_out(self) -> dict[str, Any]:
        """Raises SshFailure with what went wrong, RuntimeUnavailable, Cancelled."""
        if "runtime" not in self._job.target:
            self._hear(self._is_probed)
            self._judge()
            self._let_go_on()
        self._hear(lambda: self._follower.ended)
        with self._run.step("register"):
            since = self._follower.restarted_at or self._job.started_at or self._job.created_at
            agents = wait_for_node(self._order, since, self._heed)
        self._run.hear()  # the end of the step
        return {"facts": self._facts | self._follower.facts, "agents": agents}

    def _is_probed(self) -> bool:
        """Whether all facts were said; a lost runner may have read some of them."""
        said = b"".join(receipts.pieces_from(self._job.id, 0)).decode("utf-8", "replace")
        self._facts = read_facts(said)
        return "@@ step probe ok" in said

    def _judge(self) -> None:
        report = findings(self._facts, self._order.node_id, time.time())
        if self._job.target["origin"] == Origin.SCRIPT:  # a bundle brings what it needs
            report += runtime.findings(self._order, self._facts)
        self._run.log("probe", [("refused: " if one.refuses else "note: ") + one.sentence for one in report])
        for one in report:
            if one.refuses:
                self._run.mark("probe", StepState.FAILED, one.sentence)
                raise SshFailure(one.fault, one.sentence)

    def _let_go_on(self) -> None:
        if self._job.target["origin"] == Origin.BUNDLE:
            self._note(facts=self._facts, runtime="")
            return
        with self._run.step("bundle"):
            prepared = runtime.prepare(self._run, self._order, self._facts, self._heed)
        self._note(facts=self._facts, **_noted(prepared))

    def _note(self, **said: Any) -> None:
        self._job.target = {**self._job.target, **said}
        with transaction():
            self._run.keep()
            db.session.execute(update(Job).where(Job.id == self._job.id).values(target=self._job.target))

    def _hear(self, enough: Callable[[], bool]) -> None:
        """Read on until it is enough. Raises SshFailure for a step that failed, and for silence."""
        silent_since = time.monotonic()
        while True:
            is_enough = enough()  # before reading, so that all that was enough is read as well
            for piece in receipts.pieces_from(self._job.id, self._read_to):
                silent_since = time.monotonic()
                self._read_to += len(piece)
                self._follower.take(piece)
            self._follower.raise_failure()
            if is_enough:
                return
            if time.monotonic() - silent_since > SILENCE_SECONDS:
                raise SshFailure(SshFault.STEP_FAILED, f"The script was not heard for {SILENCE_SECONDS:.0f} s")
            self._heed()
            time.sleep(LOOK_SECONDS)

    def _heed(self) -> None:
        if self._run.heed():
            raise Cancelled("Cancelled")


def _noted(prepared: runtime.Runtime | None) -> dict[str, Any]:
    """As the job's row keeps it for whoever is asked for the files."""
    if isinstance(prepared, Recipe):
        return {"runtime": "", "recipe": vars(prepared)}
    return {"runtime": prepared.sha256, "runtime_file": prepared.path.name} if prepared else {"runtime": ""}
