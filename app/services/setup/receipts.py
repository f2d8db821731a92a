"""What a script on a machine says and fetches: its words are kept in order until the job's runner has read them."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.deploying.runtime_source import Recipe
from app.domain.deploying.setup import LARGEST_RECEIPT, LARGEST_RECEIPTS, SetupRefused
from app.domain.errors import InvalidInput
from app.domain.identity.actor import Actor
from app.domain.jobs import ENDED, TIME_LIMIT, JobKind, JobState
from app.extensions import db, settings
from app.models import Job, SetupReceipt
from app.services import audit
from app.services.deploying import parcel
from app.services.jobs.parts import ring
from app.services.setup.asking import Setup, find
from app.services.transaction import transaction


def take_receipt(by: Actor, presented: str, offset: int, said: bytes) -> str:
    """Keep a piece of what a script says, and answer what it shall do: wait, go, stop or done, with a word to it.

    The first piece begins the job. A piece that comes again changes nothing. Raises SetupRefused, InvalidInput.
    """
    setup = find(presented)
    if len(said) > LARGEST_RECEIPT or offset + len(said) > LARGEST_RECEIPTS:
        raise InvalidInput("A setup's receipt may hold 1 MB, in pieces of 64 kB")
    with transaction():
        began = _begin(by, setup)
        job = db.session.get_one(Job, setup.job_id, populate_existing=True)
        if job.state not in ENDED and said:
            row = {"job_id": setup.job_id, "begin": offset, "content": said}
            db.session.execute(insert(SetupReceipt).values(row).on_conflict_do_nothing())
        answer = _answer(job, presented)
    if began:
        ring(setup.job_id)
    return answer


def parcel_for(presented: str) -> bytes:
    """The files of a setup that may go on. Raises SetupRefused."""
    return _parcel(_going(find(presented).job_id), presented)


def runtime_for(presented: str) -> Path:
    """The runtime that a setup needs. Raises SetupRefused."""
    job = _going(find(presented).job_id)
    path = settings().bundle_dir / str(job.target.get("runtime_file") or "none")
    if not path.is_file():
        raise SetupRefused("The runtime is not where this process looks: let all processes share BUNDLE_DIR")
    return path


def pieces_from(job_id: UUID, offset: int) -> Sequence[bytes]:
    """What was said from a byte on, without a gap."""
    end = SetupReceipt.begin + func.octet_length(SetupReceipt.content)
    chosen = select(SetupReceipt.begin, SetupReceipt.content).where(SetupReceipt.job_id == job_id, end > offset)
    with transaction():
        rows = db.session.execute(chosen.order_by(SetupReceipt.begin)).all()
    found: list[bytes] = []
    for begin, content in rows:
        if begin > offset:
            break
        found.append(bytes(content)[offset - begin :])
        offset = begin + len(content)
    return found


def forget(job_id: UUID) -> None:
    """What was said is in the job's log by now."""
    with transaction():
        db.session.execute(delete(SetupReceipt).where(SetupReceipt.job_id == job_id))


def _begin(by: Actor, setup: Setup) -> bool:
    row = {
        "id": setup.job_id,
        "kind": JobKind.DEPLOY,
        "node_id": setup.order.node_id,
        "target": setup.target,
        "asked_by": setup.asked_by,
        "deadline": func.now() + TIME_LIMIT[JobKind.DEPLOY],
    }
    made = db.session.execute(insert(Job).values(row).on_conflict_do_nothing().returning(Job.id)).one_or_none()
    if made is None:
        return False
    audit.record(by, "job.deploy", setup.order.node_id, detail={"jobId": str(setup.job_id), "origin": setup.origin})
    return True


def _answer(job: Job, presented: str) -> str:
    if job.state == JobState.SUCCEEDED:
        return f"done {job.message}"
    if job.state in ENDED:
        return f"stop {job.message}"
    if "runtime" not in job.target:
        return "wait"
    return f"go {sha256(_parcel(job, presented)).hexdigest()}"


def _going(job_id: UUID) -> Job:
    with transaction():
        job = db.session.get(Job, job_id, populate_existing=True)
        if job is None or job.state in ENDED or "runtime" not in job.target:
            raise SetupRefused("This setup does not go on: make a new line")
        db.session.expunge(job)
    return job


def _parcel(job: Job, presented: str) -> bytes:
    token = presented if settings().cluster_auth else ""
    recipe = job.target.get("recipe")
    runtime = Recipe(**recipe) if recipe else str(job.target["runtime"])
    return parcel.packed(parcel.files(job, job.target["facts"], runtime, token))
