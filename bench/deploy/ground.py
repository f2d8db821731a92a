"""What is deployed from and to: a control plane of real processes, and hosts with a root and a network of their own."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil

from app import create_app
from app.domain.deploying.request import AgentOrder, DeployOrder
from app.domain.deploying.rows import Row
from app.domain.deploying.ssh import Login
from app.domain.errors import NodeNotFound
from app.domain.identity.actor import SYSTEM
from app.services import deploying, jobs, nodes
from app.services.jobs import JobView
from bench.heartbeats.errors import NotMeasurable
from bench.heartbeats.servers import ROOT, environment, migrate
from config import Settings
from standalone import web_client
from standalone.embedded import EmbeddedServers
from standalone.ports import any_free
from tests.kit.hosts import Host, Network, obstacle
from tests.kit.processes import Processes
from tests.kit.roots import USER

SECRET_KEY = "of a bench that nobody else can reach"
CONCURRENCY = 50
COMMAND = ("sleep", "100000")  # of an agent that needs no runtime
START_SECONDS = 60.0


@dataclass
class Ground:
    """Everything that a measurement needs."""

    network: Network
    url: str
    worker: psutil.Process

    def deploy(self, host: Host, *, runtime: bool = False) -> UUID:
        """Ask for a deploy of two agents, with a runtime or with commands of their own."""
        return deploying.request_deploy(_order(host, runtime), _login(host), self.url, SYSTEM)

    def deploy_all(self, hosts: Sequence[Host]) -> list[UUID]:
        """Ask for deploys to all of them in one request."""
        rows = [Row(number, _order(host), _login(host)) for number, host in enumerate(hosts, 1)]
        return [job_id for _, job_id in deploying.request_many(rows, self.url, SYSTEM).parts]

    def done(self, job_ids: Sequence[UUID], seconds: float = 120.0) -> list[JobView]:
        """The jobs once all of them have succeeded. Raises NotMeasurable."""
        wait(lambda: all(jobs.get_job(job_id).ended for job_id in job_ids), seconds)
        found = [jobs.get_job(job_id) for job_id in job_ids]
        for job in found:
            if job.state != "succeeded":
                raise NotMeasurable(_failed(job))
        return found

    def is_online(self, host: Host) -> bool:
        """Whether the node is online with both agents seen running."""
        try:
            found = nodes.get_node(host.name)
        except NodeNotFound:
            return False
        return found.node.status == "online" and [one.get("state") for one in found.agents] == ["running"] * 2


def _order(host: Host, runtime: bool = False) -> DeployOrder:
    agents = tuple(AgentOrder(f"a-{number}", command=() if runtime else COMMAND) for number in (1, 2))
    return DeployOrder(host.address, USER, host.fingerprint, host.name, worker_host=host.address, agents=agents)


def _failed(job: JobView) -> str:
    """What a person needs to know of a deploy that failed."""
    steps = ", ".join(f"{step.name} {step.state}" for step in job.steps)
    said = "\n".join(line.text for line in jobs.log_after(job.id, 0))
    return f"A deploy {job.state} ({job.code}): {job.message}\n{job.target}, attempt {job.attempt}: {steps}\n{said}"


def _login(host: Host) -> Login:
    return Login(private_key=host.private_key)


def wait(look: Callable[[], bool], seconds: float) -> None:
    """Until `look` says yes. Raises NotMeasurable."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise NotMeasurable(f"Something was not ready within {seconds:.0f} s")
        time.sleep(0.1)


@contextmanager
def standing(state: Path, package: str) -> Iterator[Ground]:
    """The ground while it is needed. `package` is what agents come in. Raises NotMeasurable."""
    if found := obstacle():
        raise NotMeasurable(f"Hosts to deploy to cannot be made here: {found}")
    with ExitStack() as stack:
        servers = stack.enter_context(EmbeddedServers(state))
        migrate(servers)
        network = stack.enter_context(Network(state / "network"))
        processes = Processes()
        stack.callback(processes.end_all)
        port = any_free()
        environment = _environment(servers, network.gateway, port, package)
        for name, command in _programs().items():
            started = processes.start(command, state / f"{name}.log", cwd=ROOT, env=environment)
            if name == "worker":
                worker = psutil.Process(started.pid)
        app = create_app(
            Settings(servers.database_url(), servers.redis_url(), secret_key=SECRET_KEY, deploys_at_once=CONCURRENCY)
        )
        stack.enter_context(app.app_context())
        url = f"http://{network.gateway}:{port}"
        try:
            # All of it, Celery too: a machine that finds no web process, or a node without one, is a failed deploy.
            wait(lambda: web_client.status_of(f"{url}/readyz") == 200, START_SECONDS)
            yield Ground(network, url, worker)
        except NotMeasurable as fault:
            log = (state / "worker.log").read_text(errors="replace")
            raise NotMeasurable(f"{fault}\n{log[-3000:]}") from fault


def _environment(servers: EmbeddedServers, gateway: str, port: int, package: str) -> dict[str, str]:
    return environment(servers) | {
        "SECRET_KEY": SECRET_KEY,
        "HOST": gateway,
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "AGENT_PACKAGE": package,
        "AGENT_COMMAND": "the-agent --id {id}",
        "DEPLOYS_AT_ONCE": str(CONCURRENCY),
        "BUNDLE_DIR": str(ROOT / "build" / "bench-bundles"),
    }


def _programs() -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    return {
        "web": [*python, "gunicorn", "wsgi:app", "-c", "docker/gunicorn.conf.py"],
        "worker": [sys.executable, "celery_worker.py", "--concurrency", str(CONCURRENCY)],
        "beat": [*python, "flask", "--app", "wsgi", "beat"],
    }
