"""Real daemons beside the browser: nodes that do what they are told."""

from pathlib import Path
from typing import Any

from tests.browser.machines import Machines
from tests.fleet import until

SLEEPER = ["sleep", "600"]


class Daemons:
    """The nodes of one test that have a daemon, with the agents that a test registers."""

    def __init__(self, machines: Machines, folder: Path) -> None:
        self.machines, self.plane, self.folder = machines, machines.plane, folder
        self.names: list[str] = []

    def start(self, *names: str) -> None:
        """Daemons with these ids; ready when each was heard."""
        for name in names:
            self.plane.start_daemon(name, WORKER_NAME=name, WORKER_STATE_DIR=str(self.folder / name))
            self.names.append(name)
        until(lambda: all(self.plane.get(f"/nodes/{name}")[1].get("status") == "online" for name in names), 30)

    def register(self, agent_id: str, **said: Any) -> None:
        """An agent that sleeps, on the node that is named, running."""
        wanted = {"agentId": agent_id, "command": SLEEPER, **said}
        until(
            lambda: self.plane.post("/agents", wanted)[0] == 201, 30
        )  # a daemon tells a beat later that it takes agents
        until(lambda: self.state(agent_id) == "running", 30)

    def state(self, agent_id: str) -> str | None:
        """As it is seen now."""
        return next((seen["state"] for seen in self.seen(agent_id)), None)

    def nodes(self, agent_id: str) -> list[str]:
        """Where it is seen running."""
        return [seen["nodeId"] for seen in self.seen(agent_id) if seen["state"] == "running"]

    def seen(self, agent_id: str) -> list[dict[str, Any]]:
        """Its copies, as the control plane tells of them."""
        found: list[dict[str, Any]] = self.plane.get(f"/agents/{agent_id}")[1].get("seen", [])
        return found

    def stop(self) -> None:
        """Forget the agents, and end the daemons; no brake stays on."""
        self.plane.delete("/brake")
        for agent in self.plane.get("/agents?limit=500")[1]["agents"]:
            self.plane.delete(f"/agents/{agent['agentId']}")
        for name in self.names:
            self.plane.terminate(name)
