"""The page of a node, with a real daemon and agents: what is asked for is proven to have happened (flow 9)."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.machines import Machines
from tests.browser.told_jobs import ToldJob
from tests.fleet import until
from tests.journeys.control_plane import ControlPlane, free_port

Cluster = Callable[..., Page]


@pytest.fixture
def mac(machines: Machines, plane: ControlPlane, tmp_path: Path) -> Iterator[str]:
    """A node with two agents under its daemon."""
    agents = tmp_path / "agents.json"
    specs = [{"id": name, "name": name, "command": ["sleep", "600"]} for name in ("ada", "bob")]
    agents.write_text(json.dumps({"agents": specs}))
    plane.start_daemon("mac", WORKER_NAME="mac", WORKER_AGENTS_FILE=str(agents), WORKER_STATE_DIR=str(tmp_path))
    until(lambda: len(pids(plane, "mac")) == 2, 30)
    yield "mac"
    plane.terminate("mac")  # its agents end with it


def pids(plane: ControlPlane, node_id: str) -> dict[str, int]:
    """Process ids by agent, as far as they were reported."""
    details = plane.get(f"/nodes/{node_id}")[1].get("agentDetails", [])
    return {agent["agentId"]: agent["pid"] for agent in details if agent.get("pid")}


def test_a_restart_by_keyboard_alone_shows_the_new_processes(
    cluster: Cluster, page: Page, plane: ControlPlane, mac: str
) -> None:
    """Flow 9 and quality 39."""
    before = pids(plane, mac)
    cluster()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("mac")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 agents will stop and start again")
    expect(dialog.get_by_role("button", name="Restart agents")).to_be_focused()
    page.keyboard.press("Enter")
    proof = page.get_by_role("region", name="Restart")
    expect(proof).to_contain_text(re.compile("Restart(ing|ed)"))
    expect(proof.get_by_role("listitem")).to_have_count(2, timeout=30_000)
    for name, old in before.items():
        line = proof.get_by_role("listitem").filter(has_text=name)
        expect(line).to_contain_text(re.compile(r"has a new process \d+, started \d+s ago"))
        pid = int(line.locator("code").inner_text())
        assert pid != old
        assert Path(f"/proc/{pid}").exists()


def test_the_page_tells_the_machine_its_agents_and_the_time_of_a_ping(
    page: Page, plane: ControlPlane, mac: str
) -> None:
    """Flow 9."""
    told = plane.get(f"/nodes/{mac}")[1]
    page.goto(f"/operations/cluster/{mac}")
    machine = page.get_by_role("region", name="Machine")
    for fact in (mac, str(told["cpuCount"]), told["version"], "Muster's daemon"):
        expect(machine).to_contain_text(fact)
    for name in ("ada", "bob"):
        expect(page.get_by_role("table", name="Agents").get_by_role("row").filter(has_text=name)).to_contain_text(
            "running"
        )
    page.get_by_role("button", name="Ping").click()
    expect(page.locator("output")).to_have_text(re.compile(r"^\d+(\.\d+)? ms$"))


def test_the_settings_of_a_deployed_node_open_the_form_with_its_order(
    page: Page, machines: Machines, plane: ControlPlane
) -> None:
    machines.add("a-1")
    page.goto("/operations/cluster/a-1/settings")
    expect(page.get_by_text("Set up")).to_be_visible()
    expect(page.get_by_role("button", name="Change and deploy…")).to_have_count(0)
    ToldJob(plane, "a-1").end("succeeded")
    settings = page.get_by_role("region", name="Settings")
    expect(settings.get_by_text("deploy@10.0.0.9:22")).to_be_visible(timeout=20_000)
    settings.get_by_role("button", name="Change and deploy…").click()
    dialog = page.get_by_role("dialog", name="Add worker node")
    expect(dialog.get_by_label("Node ID")).to_have_value("a-1")
    expect(dialog.get_by_label("User")).to_have_value("deploy")


def test_an_id_that_no_node_ever_had_is_said_once(cluster: Cluster, page: Page) -> None:
    cluster()
    page.goto("/operations/cluster/nobody")
    expect(page.get_by_text("Check the id.")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_job_without_a_word_says_so(page: Page, machines: Machines, plane: ControlPlane) -> None:
    machines.add("a-1")
    job_id = plane.post("/nodes/a-1/ping")[1]["jobId"]
    page.goto(f"/operations/deployments/{job_id}")
    expect(page.get_by_text("This job wrote no lines.")).to_be_visible()


def test_a_restart_that_was_not_done_says_why(cluster: Cluster, page: Page, machines: Machines) -> None:
    """A node that looks after itself, and does not answer."""
    machines.add("self", port=free_port(), beat={"agents": ["x"]})
    cluster()
    page.goto("/operations/cluster/self")
    page.get_by_role("button", name="Restart agents").click()
    page.get_by_role("dialog").get_by_role("button", name="Restart agents").click()
    expect(page.get_by_role("region", name="Restart")).to_contain_text("Not restarted.")
