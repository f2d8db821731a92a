"""The two halves of a restart: ending the old processes, and seeing the new ones."""

from __future__ import annotations

import time
from typing import Iterable, Sequence

from node_daemon.agents import process
from node_daemon.agents.agent import Agent
from node_daemon.agents.wishes import Wishes
from node_daemon.machine.readers import ProcessReader

SEEN = 0.3  # seconds that a new process must live to count as seen
LOOK = 0.02


def end(agents: Sequence[Agent], processes: ProcessReader, grace: float) -> dict[str, str]:
    """End the processes of these agents, all at once; by id a sentence for each that would not end."""
    owners = {agent.process.pid: agent.spec.id for agent in agents if agent.process}
    left = process.stop_together([agent.process for agent in agents if agent.process], processes, grace)
    return {
        owners[one.pid]: f"{owners[one.pid]} cannot be ended: process {one.pid} still runs after SIGKILL"
        for one in left
    }


def held(agents: Iterable[Agent], wishes: Wishes) -> dict[str, str]:
    """By id a sentence for each of these agents that may not be started now."""
    holds = {agent.spec.id: wishes.hold(agent.spec.id) for agent in agents}
    return {agent_id: f"{agent_id} was not started: {hold.reason}" for agent_id, hold in holds.items() if hold}


def unseen(agents: Sequence[Agent], processes: ProcessReader) -> dict[str, str]:
    """By id a sentence for each of these agents whose new process did not live for a moment."""
    deadline = time.monotonic() + SEEN
    while time.monotonic() < deadline and all(agent.is_alive(processes) for agent in agents):
        time.sleep(LOOK)
    problems = {}
    for agent in agents:
        if agent.process is None:
            problems[agent.spec.id] = f"{agent.spec.id} could not be started"
        elif not agent.is_alive(processes):
            problems[agent.spec.id] = f"{agent.spec.id} {agent.process.ending()} right after its start"
    return problems
