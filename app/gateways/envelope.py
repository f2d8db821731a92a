"""Secrets of a job on their way to its runner: sealed, in Redis only, bound to the job, gone when the job ends.

The key is in neither Redis nor Postgres, so dumps, replicas and whoever reads Redis only ever hold ciphertext.
"""

from dataclasses import asdict
from typing import cast
from uuid import UUID

import orjson

from app.domain.deploying.ssh import Login
from app.domain.errors import NotConfigured, Unavailable
from app.gateways import redis_client
from app.gateways.redis_client import RedisError
from app.gateways.sealed import seal, unseal

# As long as a deploy may take, since another runner can go on with it, and a little more to stop it when that is over.
KEPT_SECONDS = 780
KEPT_FOR_PARTS = KEPT_SECONDS + 3600  # one of many may wait for its turn before


def require_key() -> None:
    """Raises NotConfigured where nothing can be sealed, before anything is asked for."""
    seal("login", "")


def put(job_id: UUID, binding: str, login: Login, seconds: int = KEPT_SECONDS) -> None:
    """Keep the login for the runner of this job. Raises Unavailable, or NotConfigured without a SECRET_KEY."""
    sealed = seal(_purpose(job_id, binding), orjson.dumps(asdict(login)).decode())
    try:
        redis_client.client().set(_key(job_id), sealed, ex=seconds, nx=True)
    except RedisError as failure:
        raise Unavailable("Redis does not answer, so the login cannot be handed on; try again") from failure


def read(job_id: UUID, binding: str) -> Login | None:
    """The login, or None when it is gone. What was sealed for another job, host or host key does not open."""
    try:
        sealed = cast("bytes | None", redis_client.client().get(_key(job_id)))
    except RedisError as failure:
        raise Unavailable("Redis does not answer") from failure
    if sealed is None:
        return None
    try:
        said = orjson.loads(unseal(_purpose(job_id, binding), sealed))
        return Login(**{**said, "bastion": Login(**said["bastion"]) if said["bastion"] else None})
    except NotConfigured:
        return None


def forget(job_id: UUID) -> None:
    """Nobody needs it any more. Redis forgets it by itself should it be away now."""
    try:
        redis_client.client().delete(_key(job_id))
    except RedisError:
        return


def _key(job_id: UUID) -> str:
    return f"muster:login:{job_id}"


def _purpose(job_id: UUID, binding: str) -> str:
    return f"login:{job_id}:{binding}"
