"""Add a machine by a script, upgrade it, take Muster off it again: what the dashboard shows of a daemon's life."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.machines import Machines
from tests.journeys.control_plane import ControlPlane
from tests.lifecycle.places import Place

pytestmark = pytest.mark.browser

Cluster = Callable[..., Page]
OLDER = {"managed": True, "version": "0.0.9", "metadata": {"build": "0" * 64}}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "machine", "by-line")
    yield made
    made.end()


def test_a_line_becomes_the_live_log_another_one_changes_the_node_and_it_is_uninstalled_again(
    cluster: Cluster, place: Place
) -> None:
    page = cluster("?add=script")
    dialog = page.get_by_role("dialog", name="Add worker node")
    dialog.get_by_label("Node name").fill("by-line")
    dialog.get_by_label("Agents").fill("a-1, a-2")
    dialog.get_by_label("Capabilities").fill("gpu")
    assert violations(page) == []
    dialog.get_by_role("button", name="Make the line").click()
    line = dialog.locator("[data-secret]").inner_text()
    expect(dialog.get_by_text("Waiting for by-line")).to_be_visible()

    ran = place.run(line)

    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    expect(dialog.get_by_text("Succeeded").first).to_be_visible(timeout=20_000)
    dialog.get_by_role("button", name="Open node").click()
    page.get_by_role("tab", name="Settings").click()
    page.get_by_role("button", name="New setup script…").click()
    expect(dialog.get_by_label("Node name")).to_have_value("by-line")
    expect(dialog.get_by_label("Agents")).to_have_value("a-1\na-2")
    expect(dialog.get_by_label("Capabilities")).to_have_value("gpu")
    expect(dialog.get_by_text("Its node ID stays by-line.")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_label("Agents").fill("a-1, a-2, a-3")
    dialog.get_by_role("button", name="Make the line").click()

    ran = place.run(dialog.locator("[data-secret]").inner_text())

    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    expect(dialog.get_by_text("Succeeded").first).to_be_visible(timeout=20_000)
    dialog.get_by_role("button", name="Open node").click()
    page.get_by_role("button", name="Uninstall").click()
    question = page.get_by_role("dialog", name="Uninstall by-line?")
    expect(question).to_contain_text("3 agents will be stopped for good")
    assert violations(page) == []
    question.get_by_label("Type by-line to confirm").fill("by-line")
    question.get_by_role("button", name="Uninstall").click()
    expect(page.get_by_text("by-line was uninstalled and removed").first).to_be_visible(timeout=30_000)
    assert place.tree() <= {"crontab"}


def test_an_older_daemon_is_marked_and_its_upgrade_is_asked_for(cluster: Cluster, machines: Machines) -> None:
    machines.add("older", **OLDER)
    page = cluster("?view=table")
    page.set_viewport_size({"width": 1920, "height": 900})  # where the column of versions has room
    expect(page.get_by_label("Update available").first).to_be_visible()
    page.goto("/operations/cluster/older")
    page.get_by_role("button", name="Upgrade…").click()
    question = page.get_by_role("dialog", name="Upgrade the daemon of older?")
    expect(question).to_contain_text("Its agents go on meanwhile")
    assert violations(page) == []
    question.get_by_role("button", name="Upgrade").click()
    expect(page).to_have_url(re.compile("/operations/deployments/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Upgrade")


def test_many_are_upgraded_from_the_list_with_some_that_go_first(
    cluster: Cluster, machines: Machines, plane: ControlPlane
) -> None:
    for number in range(3):
        machines.add(f"older-{number}", **OLDER)
    machines.add("by-hand")
    page = cluster("?view=table")
    page.get_by_role("checkbox", name="Select older-0").click()
    page.get_by_role("button", name="Select all 4 matching").click()
    page.get_by_role("region", name="Selected nodes").get_by_role("button", name="Upgrade…").click()
    question = page.get_by_role("dialog", name="Upgrade 3 daemons")
    expect(question).to_contain_text("1 node of those selected")
    question.get_by_label("Nodes that go first").fill("2")
    assert violations(page) == []
    question.get_by_role("button", name="Upgrade").click()
    expect(page).to_have_url(re.compile("/operations/deployments/"))
    expect(page.get_by_text("Upgrade the first").first).to_be_visible()
    job_id = page.url.rpartition("/")[2].partition("?")[0]
    parts = plane.get(f"/jobs?parent={job_id}")[1]["jobs"]
    assert {part["nodeId"] for part in parts} <= {"older-0", "older-1"}
    plane.post(f"/jobs/{job_id}/cancel")


@pytest.mark.parametrize("platform", ["x86-64"])
def test_a_bundle_is_downloaded(cluster: Cluster, platform: str) -> None:
    page = cluster("?add=script")
    dialog = page.get_by_role("dialog", name="Add worker node")
    dialog.get_by_label("Node name").fill("far-away")
    dialog.get_by_label("What to run").select_option(label="Offline bundle")
    dialog.get_by_label("Its processor").select_option(label=platform)
    with page.expect_download() as coming:
        dialog.get_by_role("button", name="Download the bundle").click()
    assert coming.value.suggested_filename == "muster-far-away.tar"
