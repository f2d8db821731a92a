"""Which supervisor runs the agents of this node."""

from __future__ import annotations

from node_daemon import log, worker_env
from node_daemon.agents import child_processes, process
from node_daemon.agents.adoption import recall, records_of
from node_daemon.agents.agents_file import AgentsFile
from node_daemon.agents.child_processes import ChildProcesses
from node_daemon.agents.life import Patience
from node_daemon.agents.pm2.client import Client, Pm2Failed, runtime_at
from node_daemon.agents.pm2.ecosystem import Ecosystem, mark_of
from node_daemon.agents.pm2.supervisor import Pm2
from node_daemon.agents.supervisor import Caretaker
from node_daemon.agents.wishes import Wishes
from node_daemon.assignments.assigned import Assigned
from node_daemon.machine.readers import ProcessReader
from node_daemon.settings import Settings
from node_daemon.state import StateFolder


def supervisor(settings: Settings, state: StateFolder, processes: ProcessReader, assigned: Assigned) -> Caretaker:
    """The one that WORKER_SUPERVISOR names; not opened yet."""
    wishes = Wishes(AgentsFile(settings.agents_file), assigned)
    patience = Patience(give_up_after=settings.give_up_after)
    if settings.supervisor == "builtin":
        return ChildProcesses(wishes, state, processes, settings.environment, patience, settings.agents_url)
    runtime = runtime_at(settings.runtime)
    ecosystem = Ecosystem(
        runtime=runtime,
        env_file=settings.env_file,
        logs=state.path / "logs",
        mark=mark_of(settings.pm2_home),
        variables=worker_env.read(settings.env_file),
        agents_url=settings.agents_url,
    )
    return Pm2(wishes, state, processes, pm2_client(settings), ecosystem, patience)


def end_former(settings: Settings, state: StateFolder, processes: ProcessReader) -> None:
    """End the agents that the other supervisor left running: each agent runs once, also after a change of mind."""
    if settings.supervisor == "pm2":
        _, left = recall({}, records_of(state.read(child_processes.FILE)), processes, Patience())
        process.stop_together(left, processes, Patience().stop_grace)
        state.write(child_processes.FILE, {"agents": {}})
        return
    try:
        client = pm2_client(settings)
        if client.apps():
            log.info("agents are taken from PM2")
            client.end()
    except Pm2Failed as error:
        log.error("agents under PM2 cannot be ended", reason=error)


def pm2_client(settings: Settings) -> Client:
    """The PM2 of this node."""
    return Client(runtime_at(settings.runtime), settings.pm2_home, settings.environment)
