"""Which supervisor runs the agents of this node."""

from __future__ import annotations

from node_daemon import worker_env
from node_daemon.agents.child_processes import ChildProcesses
from node_daemon.agents.pm2.client import Client
from node_daemon.agents.pm2.ecosystem import Ecosystem
from node_daemon.agents.pm2.supervisor import Pm2, mark_of, runtime_at
from node_daemon.agents.supervisor import Caretaker
from node_daemon.machine.readers import ProcessReader
from node_daemon.settings import Settings
from node_daemon.state import StateFolder


def supervisor(settings: Settings, state: StateFolder, processes: ProcessReader) -> Caretaker:
    """The one that WORKER_SUPERVISOR names; not opened yet."""
    if settings.supervisor == "builtin":
        return ChildProcesses(settings.agents_file, state, processes, settings.environment)
    runtime = runtime_at(settings.runtime)
    ecosystem = Ecosystem(
        runtime=runtime,
        env_file=settings.env_file,
        logs=state.path / "logs",
        mark=mark_of(settings.pm2_home),
        variables=worker_env.read(settings.env_file),
    )
    client = Client(runtime, settings.pm2_home, settings.environment)
    return Pm2(settings.agents_file, state, processes, client, ecosystem)
