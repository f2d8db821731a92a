"""Ask again for deploys that ended."""

from dataclasses import replace
from uuid import UUID

from app.domain.deploying.request import DeployOrder, Retry
from app.domain.deploying.rows import Row
from app.domain.errors import InvalidInput
from app.domain.identity.actor import Actor
from app.domain.jobs import JobKind, JobState
from app.services.deploying.asking import order_of, request_deploy
from app.services.deploying.many import Taken, request_many
from app.services.jobs.reading import JobView, get_job


def retry_deploy(job_id: UUID, again: Retry, by: Actor) -> Taken:
    """Ask for the same deploy again, as a job of its own; of many, for those that did not succeed.

    Raises JobNotFound, InvalidInput for another kind of job, and what asking for the first time raises.
    """
    former = get_job(job_id)
    if former.kind is JobKind.DEPLOY_MANY:
        return _retry_many(former, again, by)
    if former.kind is not JobKind.DEPLOY:
        raise InvalidInput("Only deploys are retried with a login; ask for this one again where it was asked for")
    if "origin" in former.target:
        raise InvalidInput("This one was run on the machine itself: make a new line, and run that one there")
    order = _confirmed(order_of(former.target), again)
    new_id = request_deploy(order, again.login, former.target["enterprise_url"], by)
    return Taken(new_id, ((order, new_id),))


def _retry_many(former: JobView, again: Retry, by: Actor) -> Taken:
    if not former.ended:
        raise InvalidInput("This is not over yet: wait for it, or cancel it")
    targets = [part.target for part in former.parts if part.state is not JobState.SUCCEEDED]
    if not targets:
        raise InvalidInput("All of these deploys succeeded; there is nothing to do again")
    orders = [_confirmed(order_of(target), again) for target in targets]
    rows = [Row(number, order, again.login) for number, order in enumerate(orders, 1)]
    return request_many(rows, targets[0]["enterprise_url"], by)


def _confirmed(order: DeployOrder, again: Retry) -> DeployOrder:
    confirmed = again.fingerprints.get(order.target.address) or again.fingerprint
    return replace(order, fingerprint=confirmed or order.fingerprint)
