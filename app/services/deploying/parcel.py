"""What is sent to a machine: the runner and its settings, the daemon, the node's settings, its agents, a join token."""

import tarfile
from uuid import UUID

from sqlalchemy import select

from app.domain.deploying.facts import Facts
from app.domain.deploying.files import agents_json, runner_vars, worker_env
from app.domain.deploying.request import DeployOrder
from app.domain.deploying.runtime import Bundle
from app.domain.deploying.runtime_source import Recipe
from app.domain.identity.actor import SYSTEM
from app.extensions import db, settings
from app.gateways import runtime as recipes
from app.models import Job, NodeCredential
from app.services import daemon_program
from app.services.admission import join_tokens
from app.services.deploying import remote
from app.services.transaction import transaction

NO_DATABASE = "Agents that need the database of this deployment find its URL here; an operator sets it on purpose."
TOKEN_MINUTES = 15
LARGE = 65536  # bytes


def archive(job: Job, order: DeployOrder, facts: Facts, runtime: Bundle | Recipe | None) -> list[bytes]:
    """The files of a job over SSH, in pieces; nothing that is there already travels again."""
    kept = runtime.sha256 if isinstance(runtime, Bundle) else runtime
    said = {"attach.sh": remote.script("attach.sh"), **files(job, facts, kept or "", _join_token(job, order, facts))}
    return pieces(said)


def files(job: Job, facts: Facts, runtime: str | Recipe, token: str) -> dict[str, bytes]:
    """The files of a deploy to a probed machine; the runner comes last. Raises ProgramNotBuilt, RuntimeUnavailable.

    `runtime` is the SHA-256 of one that is sent apart, or how the machine makes it, or "".
    """
    order, program = DeployOrder.from_stored(job.target), daemon_program.read()
    systemd = "yes" if facts.get("systemd_user") == "yes" else "no"
    sent = "" if isinstance(runtime, Recipe) else runtime
    said = {**_vars(job.id, order, program.sha256, sent), "SYSTEMD_USER": systemd}
    environment = _environment(order, job.target["enterprise_url"], with_pm2=bool(runtime))
    environment["DATABASE_URL"] = settings().worker_database_url
    found = _whole(order, said, environment, token)
    if facts.get("daemon") != program.sha256:
        found["worker.pyz"] = program.content
    if isinstance(runtime, Recipe):
        found |= recipes.files(runtime, settings().bundle_dir) | {"make_runtime.py": remote.script("make_runtime.py")}
    return found | {"runner.sh": remote.script("runner.sh")}


def for_bundle(job_id: UUID, order: DeployOrder, url: str, token: str, runtime: Bundle | None) -> dict[str, bytes]:
    """The files for a machine that nobody has looked at; a join token is the only secret. Raises ProgramNotBuilt."""
    program, runtime_sha256 = daemon_program.read(), runtime.sha256 if runtime else ""
    environment = {**_environment(order, url, with_pm2=bool(runtime)), "DATABASE_URL": ""}
    found = _whole(order, _vars(job_id, order, program.sha256, runtime_sha256), environment, token)
    return found | {"worker.pyz": program.content, "runner.sh": remote.script("runner.sh")}


def _whole(order: DeployOrder, said: dict[str, str], environment: dict[str, str], token: str) -> dict[str, bytes]:
    found = {
        "vars": runner_vars(said).encode(),
        "worker.env": worker_env(environment, NO_DATABASE).encode(),
        "agents.json": agents_json(order, settings().agent_command).encode(),
    }
    return found | ({"join-token": token.encode()} if token else {})


def packed(files: dict[str, bytes]) -> bytes:
    """A tar archive in which every file is readable by its owner only."""
    return b"".join(pieces(files))


def pieces(files: dict[str, bytes]) -> list[bytes]:
    """The same in pieces, none of which is a copy of a large file: fifty deploys at once send the same program."""
    found, small = [], b""
    for name, content in files.items():
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        small += entry.tobuf()
        if len(content) >= LARGE:
            found += [small, content]
            small = b""
        else:
            small += content
        small += bytes(-len(content) % tarfile.BLOCKSIZE)
    return [*found, small + bytes(2 * tarfile.BLOCKSIZE)]


def _vars(job_id: UUID, order: DeployOrder, daemon_sha256: str, runtime_sha256: str) -> dict[str, str]:
    return {
        "JOB_ID": str(job_id),
        "DAEMON_SHA256": daemon_sha256,
        "RUNTIME_SHA256": runtime_sha256,
        "NODE_PORT": str(order.node_port),
    }


def _environment(order: DeployOrder, url: str, *, with_pm2: bool) -> dict[str, str]:
    return {
        "ENTERPRISE_URL": url,
        "WORKER_NODE_ID": order.node_id,
        "WORKER_NAME": order.name or order.node_id,
        "WORKER_HOST": order.worker_host or order.host,
        "WORKER_CAPABILITIES": ",".join(order.capabilities),
        "WORKER_SUPERVISOR": "pm2" if with_pm2 else "builtin",
        "PORT": str(order.node_port),
        "LOG_LEVEL": "info",
    }


def _join_token(job: Job, order: DeployOrder, facts: Facts) -> str:
    """What lets the machine join; a node that has a credential of its own needs none."""
    if not settings().cluster_auth:
        return ""
    if facts.get("node_id") == order.node_id and _has_credential(order.node_id):
        return ""
    capabilities = order.capabilities or None
    wanted = join_tokens.Wanted(order.node_id, capabilities, 1, TOKEN_MINUTES, f"deploy {job.id}", replace=True)
    _, token = join_tokens.create(SYSTEM, wanted)
    return token


def _has_credential(node_id: str) -> bool:
    live = select(NodeCredential.id).where(NodeCredential.node_id == node_id, NodeCredential.revoked_at.is_(None))
    with transaction():
        return db.session.scalar(live.limit(1)) is not None
