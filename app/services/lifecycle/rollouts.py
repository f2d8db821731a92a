"""Upgrade many nodes: some first, watch them, then the others; stop at the first failure."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from app.domain.errors import MusterError, NodeNotFound
from app.domain.identity.actor import SYSTEM, Actor
from app.domain.jobs import CANCELLED, ENDED, JobKind, JobState, Outcome
from app.domain.nodes.node import Node
from app.domain.upkeep.lifecycle import BUILD, PLAN, NodeBusy, NodeNotFit, Rollout, sorted_out, stopped
from app.extensions import db
from app.models import Job, NodeRow
from app.services import daemon_program
from app.services.jobs.asking import add
from app.services.jobs.parts import ring
from app.services.jobs.run import JobRun
from app.services.lifecycle.asking import add_upgrade
from app.services.node_view import Moment
from app.services.transaction import transaction

LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Asked:
    """A rollout that was taken on: its nodes, and by id why others are left out."""

    job_id: UUID
    nodes: tuple[str, ...]
    left_out: dict[str, str]


class Halted(MusterError):
    """A node was not upgraded, or did not stay well: the rollout goes no further."""

    code = "rollout_stopped"


class Cancelled(MusterError):
    """Somebody asked for the end."""

    code = "cancelled"


def request_rollout(
    node_ids: Sequence[str] | None, by: Actor, *, canary: int, watch_seconds: int, at_once: int
) -> Asked:
    """Ask for an upgrade of these nodes, or of all that can be. Raises NodeNotFound, NodeNotFit, ProgramNotBuilt."""
    program = daemon_program.read()
    with transaction():
        fit, left_out = sorted_out(_nodes(node_ids), program.sha256)
        if not fit:
            reasons = "; ".join(f"{node_id}: {why}" for node_id, why in list(left_out.items())[:5])
            raise NodeNotFit(f"There is nothing to upgrade ({reasons or 'no nodes'})")
        rollout = Rollout(program.sha256, program.version, tuple(fit), canary, watch_seconds, at_once)
        target = {**rollout.stored(), "host": f"{len(fit)} nodes"}
        job_id = add(JobKind.ROLLOUT, None, target, by).id
    ring(job_id)
    return Asked(job_id, rollout.nodes, left_out)


def carry_out(job: Job, run: JobRun) -> Outcome:
    """Upgrade the nodes of a rollout in their order. A lost runner's successor finds what was begun."""
    rollout = Rollout.from_stored({key: value for key, value in job.target.items() if key != "host"})
    run.plan(PLAN)
    work = _Work(job.id, rollout, run)
    try:
        with run.step("first"):
            work.upgrade(rollout.first)
        with run.step("watch"):
            work.watch()
        with run.step("others"):
            work.upgrade(rollout.others)
        run.hear()  # the end of the step
    except Halted as halted:
        return Outcome(False, halted.code, str(halted), work.result())
    except Cancelled as cancelled:
        return replace(CANCELLED, message=str(cancelled), details=work.result())
    done = f"{len(rollout.nodes)} node{'' if len(rollout.nodes) == 1 else 's'} upgraded to {rollout.version}"
    return Outcome(True, "ok", done, work.result())


class _Work:
    """One attempt at a rollout."""

    def __init__(self, job_id: UUID, rollout: Rollout, run: JobRun) -> None:
        self._job_id, self._rollout, self._run = job_id, rollout, run
        self._told: set[str] = set()

    def upgrade(self, nodes: Sequence[str]) -> None:
        """Upgrade these, some at once. Raises Halted, Cancelled."""
        while True:
            parts = self._parts()
            self._tell(parts)
            failures = [f"{node_id}: {part.message}" for node_id, part in parts.items() if _failed(part)]
            open_ = [node_id for node_id, part in parts.items() if part.state not in ENDED]
            waiting = [] if failures else [node_id for node_id in nodes if node_id not in parts]
            if not open_ and not waiting:
                self._expect(failures)
                return
            for node_id in waiting[: max(0, self._rollout.at_once - len(open_))]:
                self._begin(node_id)
            self._pause()

    def watch(self) -> None:
        """See for a while that the first ones stay well. Raises Halted, Cancelled."""
        until = time.monotonic() + self._rollout.watch_seconds
        while self._rollout.others and time.monotonic() < until:
            self._pause()
            with transaction():
                self._expect(
                    [f"{node.node_id} {why}" for node in _nodes(self._rollout.first) if (why := self._ill(node))]
                )

    def result(self) -> dict[str, object]:
        """What became of each node, for the job."""
        parts = self._parts()
        states = {
            node_id: str(parts[node_id].state) if node_id in parts else "not begun" for node_id in self._rollout.nodes
        }
        return {"nodes": states}

    def _ill(self, node: Node) -> str:
        if not node.is_up:
            return "went offline after its upgrade"
        return "" if node.metadata.get(BUILD) == self._rollout.sha256 else "runs another build again"

    def _expect(self, failures: Sequence[str]) -> None:
        if failures:
            done = sum(part.state == JobState.SUCCEEDED for part in self._parts().values())
            raise Halted(stopped(done, len(self._rollout.nodes), failures))

    def _begin(self, node_id: str) -> None:
        try:
            with transaction():
                self._run.keep()  # in the same transaction: of two runners only one begins it
                node = next(iter(_nodes([node_id])))
                job_id = add_upgrade(node, self._rollout.sha256, self._rollout.version, SYSTEM, self._job_id)
        except (NodeBusy, NodeNotFound) as failure:
            raise Halted(self._stopped_by(node_id, failure)) from failure
        ring(job_id)

    def _stopped_by(self, node_id: str, failure: MusterError) -> str:
        done = sum(part.state == JobState.SUCCEEDED for part in self._parts().values())
        return stopped(done, len(self._rollout.nodes), [f"{node_id}: {failure}"])

    def _parts(self) -> dict[str, Job]:
        chosen = select(Job).where(Job.parent_id == self._job_id).execution_options(populate_existing=True)
        with transaction():
            parts = {str(job.node_id): job for job in db.session.scalars(chosen)}
            db.session.expunge_all()
        return parts

    def _tell(self, parts: dict[str, Job]) -> None:
        ended = {node_id: part for node_id, part in parts.items() if part.state in ENDED}
        fresh = [node_id for node_id in ended if node_id not in self._told]
        if fresh:
            self._told |= set(fresh)
            lines = [f"{node_id}: {ended[node_id].message}" for node_id in fresh]
            self._run.log(self._run.step_at_work("first"), lines)

    def _pause(self) -> None:
        if self._run.heed():
            raise Cancelled("Cancelled; upgrades that had begun go on")
        time.sleep(LOOK_SECONDS)


def _failed(part: Job) -> bool:
    return part.state in (JobState.FAILED, JobState.CANCELLED)


def _nodes(node_ids: Sequence[str] | None) -> list[Node]:
    """These nodes, or all; within the current transaction. Raises NodeNotFound."""
    chosen = select(NodeRow).execution_options(populate_existing=True)
    rows = db.session.scalars(chosen if node_ids is None else chosen.where(NodeRow.node_id.in_(node_ids))).all()
    if node_ids is not None and len(rows) < len(set(node_ids)):
        raise NodeNotFound
    moment = Moment.read()
    return [moment.view(row) for row in rows]
