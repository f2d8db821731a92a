"""What is sent to a machine: the runner and its settings, the daemon, the node's settings, its agents, a join token."""

import io
import tarfile
from collections.abc import Callable

from sqlalchemy import select

from app.domain.actor import SYSTEM
from app.domain.deploying.facts import Facts
from app.domain.deploying.files import agents_json, runner_vars, worker_env
from app.domain.deploying.request import DeployOrder
from app.domain.deploying.runtime import Bundle
from app.extensions import db, settings
from app.gateways.ssh import Shell
from app.models import Job, NodeCredential
from app.services import daemon_program
from app.services.admission import join_tokens
from app.services.deploying import remote
from app.services.transaction import transaction

NO_DATABASE = "Agents that need the database of this deployment find its URL here; an operator sets it on purpose."
TOKEN_MINUTES = 15


def send(
    machine: Shell, job: Job, order: DeployOrder, facts: Facts, runtime: Bundle | None, stop: Callable[[], bool]
) -> None:
    """Send the files of a job; nothing that is there already travels again. Raises SshFailure."""
    program = daemon_program.read()
    files = {
        "vars": _vars(job, order, program.sha256, facts, runtime),
        "worker.env": worker_env(_environment(job, order, runtime), NO_DATABASE).encode(),
        "agents.json": agents_json(order, settings().agent_command).encode(),
    }
    if facts.get("daemon") != program.sha256:
        files["worker.pyz"] = program.content
    if token := _join_token(job, order, facts):
        files["join-token"] = token.encode()
    remote.unpack(machine, job.id, packed(files | {"runner.sh": remote.script("runner")}), stop)


def packed(files: dict[str, bytes]) -> bytes:
    """A tar archive in which every file is readable by its owner only."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _vars(job: Job, order: DeployOrder, daemon_sha256: str, facts: Facts, runtime: Bundle | None) -> bytes:
    systemd = "yes" if facts.get("systemd_user") == "yes" else "no"
    said = {
        "JOB_ID": str(job.id),
        "DAEMON_SHA256": daemon_sha256,
        "RUNTIME_SHA256": runtime.sha256 if runtime else "",
        "SYSTEMD_USER": systemd,
        "NODE_PORT": str(order.node_port),
    }
    return runner_vars(said).encode()


def _environment(job: Job, order: DeployOrder, runtime: Bundle | None) -> dict[str, str]:
    return {
        "ENTERPRISE_URL": job.target["enterprise_url"],
        "WORKER_NODE_ID": order.node_id,
        "WORKER_NAME": order.name or order.node_id,
        "WORKER_HOST": order.worker_host or order.host,
        "WORKER_CAPABILITIES": ",".join(order.capabilities),
        "WORKER_SUPERVISOR": "pm2" if runtime else "builtin",
        "PORT": str(order.node_port),
        "LOG_LEVEL": "info",
        "DATABASE_URL": settings().worker_database_url,
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
