"""Add worker node, Deploy via SSH: from the form to a node that is online, with a real SSH server."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.themes import THEMES
from tests.browser.told_jobs import ToldJob
from tests.fleet import until
from tests.gateways.ssh.machines import ME, Sshd, free_port, make_key
from tests.journeys.control_plane import ControlPlane

Cluster = Callable[..., Page]


@pytest.fixture
def dialog(cluster: Cluster) -> Locator:
    """The open dialog."""
    return cluster("?add=ssh").get_by_role("dialog", name="Add worker node")


def check_host_key(dialog: Locator, machine: Sshd) -> None:
    dialog.get_by_label("Host or IP").fill("127.0.0.1")
    dialog.get_by_label("SSH port").fill(str(machine.port))
    dialog.get_by_label("User").fill(ME)
    dialog.get_by_role("button", name="Check host key").click()
    expect(dialog.get_by_text(machine.fingerprint)).to_be_visible()


def test_a_machine_is_deployed_to_and_comes_online(
    dialog: Locator, page: Page, machine: Sshd, plane: ControlPlane
) -> None:
    node_port = free_port()
    deploy = dialog.get_by_role("button", name="Deploy", exact=True)
    check_host_key(dialog, machine)
    expect(deploy).to_be_disabled()
    dialog.get_by_label("This is the machine's key").check()
    dialog.get_by_label("Private key").fill(machine.private_key)
    expect(dialog.get_by_text("It is not shown again")).to_be_visible()
    assert machine.private_key.splitlines()[2] not in page.content()
    dialog.get_by_label("Node name").fill("by-form")
    dialog.get_by_label("Agents").fill("a-1, a-2")
    dialog.get_by_label("Runtime").select_option("The machine's Node.js")
    dialog.get_by_label("Node port").fill("70000")
    deploy.click()
    expect(dialog.get_by_text("A number from 1 to 65535")).to_be_visible()
    dialog.get_by_label("Node port").fill(str(node_port))
    deploy.click()

    expect(dialog.get_by_text("You can close this window. The job keeps running.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    rail = page.get_by_role("region", name="Deploying")
    node = page.get_by_role("link", name="by-form").first
    expect(node.or_(rail).first).to_be_visible(timeout=60_000)
    page.goto("/operations/deployments?kind=deploy")
    row = page.get_by_role("row").filter(has_text="by-form")
    expect(row).to_contain_text("Succeeded", timeout=90_000)
    row.get_by_role("link", name="Deploy").click()
    expect(page.get_by_role("table", name="Agents seen running")).to_contain_text("a-2")
    page.goto("/operations/cluster/by-form/deployments")
    expect(page.get_by_role("row").filter(has_text="Succeeded")).to_have_count(1)
    assert plane.get("/nodes/by-form")[1]["port"] == node_port
    [job] = plane.get("/jobs?node=by-form&kind=deploy")[1]["jobs"]
    assert job["target"]["runtime"] == "machine"


def test_a_login_that_is_refused_opens_the_step_and_retry_knows_all_but_the_key(
    dialog: Locator, page: Page, machine: Sshd, plane: ControlPlane
) -> None:
    check_host_key(dialog, machine)
    dialog.get_by_label("This is the machine's key").check()
    dialog.get_by_label("Private key").fill(make_key(machine.folder / "stranger"))
    dialog.get_by_label("Node ID").fill("refused-1")
    dialog.get_by_label("Agents").fill("a-1")
    dialog.get_by_role("button", name="Deploy", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("did not accept the key", timeout=60_000)
    expect(dialog.get_by_role("button", name="Connect over SSH")).to_have_attribute("aria-expanded", "true")
    expect(dialog.get_by_text("did not accept the key")).to_have_count(1)

    first = page.url.rpartition("job=")[2]
    dialog.get_by_role("button", name="Retry").click()
    expect(dialog.get_by_text(f"refused-1 on {ME}@127.0.0.1:{machine.port} with a-1")).to_be_visible()
    dialog.get_by_role("button", name="Retry").click()
    expect(dialog.get_by_text("Paste the private key, or drop its file here")).to_be_visible()
    dialog.get_by_label("Private key").fill(make_key(machine.folder / "another"))
    with page.expect_request(lambda asked: asked.url.endswith(f"/jobs/{first}/retry")):
        dialog.get_by_role("button", name="Retry").click()
    expect(dialog.get_by_role("alert")).to_contain_text("did not accept the key", timeout=60_000)
    assert page.url.rpartition("job=")[2] != first


def test_a_retry_asks_for_the_login_of_the_jump_host_too(
    page: Page, dialog: Locator, machine: Sshd, plane: ControlPlane, tmp_path: Path
) -> None:
    folder = tmp_path / "gate"
    folder.mkdir()
    with Sshd(folder) as gate:
        jump = {"host": "127.0.0.1", "port": gate.port, "user": ME, "fingerprint": gate.fingerprint}
        order = {"host": "127.0.0.1", "port": machine.port, "user": ME, "password": "wrong", "nodeId": "behind-1"}
        known = {"fingerprint": machine.fingerprint, "nodePort": free_port(), "bastion": jump}
        job = plane.post("/deploy-via-ssh", {**order, **known})[1]["jobId"]
        until(lambda: plane.get(f"/jobs/{job}")[1]["state"] == "failed", 60)
        page.goto(f"/operations/deployments/{job}")
        expect(page.get_by_text("did not accept the password")).to_have_count(1)
        page.get_by_role("button", name="Retry").click()
        dialog.get_by_label("Private key").fill(machine.private_key)
        dialog.get_by_label("wants another login than the machine").check()
        dialog.get_by_role("button", name="Retry").click()
        there = dialog.get_by_role("group", name="Jump host")
        expect(there.get_by_text("Paste the private key, or drop its file here")).to_be_visible()
        assert violations(page) == []
        there.get_by_label("Private key").fill(gate.private_key)
        dialog.get_by_role("button", name="Retry").click()

        expect(dialog.get_by_role("button", name="Open node")).to_be_visible(timeout=90_000)


def test_an_order_that_was_wrong_is_changed_before_it_is_sent_again(
    page: Page, dialog: Locator, machine: Sshd, plane: ControlPlane
) -> None:
    order = {"host": "127.0.0.1", "port": machine.port, "user": ME, "password": "wrong", "nodeId": "wrong-1"}
    job = plane.post("/deploy-via-ssh", {**order, "agents": ["a-1"], "fingerprint": machine.fingerprint})[1]["jobId"]
    until(lambda: plane.get(f"/jobs/{job}")[1]["state"] == "failed", 60)
    page.goto(f"/operations/deployments/{job}")
    page.get_by_role("button", name="Retry").click()
    dialog.get_by_role("button", name="Change it first").click()
    expect(dialog.get_by_label("Node ID")).to_have_value("wrong-1")
    expect(dialog.get_by_label("SSH port")).to_have_value(str(machine.port))
    expect(dialog.get_by_label("Private key")).to_have_value("")
    dialog.get_by_role("button", name="Check host key").click()
    # No login proved this key, so it has to be confirmed again.
    expect(dialog.get_by_label("This is the machine's key")).not_to_be_checked()


def test_a_changed_host_key_is_told_in_red_and_wants_another_word(
    dialog: Locator, page: Page, machine: Sshd, plane: ControlPlane
) -> None:
    with closing(psycopg2.connect(plane.dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO host_keys (host, port, fingerprint) VALUES ('127.0.0.1', %s, %s)",
            [machine.port, "SHA256:" + "A" * 43],
        )
    check_host_key(dialog, machine)
    expect(dialog.get_by_role("alert")).to_contain_text("another key than the one that was confirmed before")
    expect(dialog.get_by_label("The machine was reinstalled: trust the new key")).not_to_be_checked()


def test_what_was_typed_is_not_lost_without_asking(dialog: Locator, page: Page) -> None:
    dialog.get_by_label("Host or IP").fill("10.0.0.9")
    page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="Leave what you typed?")
    expect(asked).to_be_visible()
    asked.get_by_role("button", name="Cancel").click()
    expect(dialog.get_by_label("Host or IP")).to_have_value("10.0.0.9")
    dialog.get_by_role("tab", name="Manual").click()
    asked.get_by_role("button", name="Leave it").click()
    expect(dialog.get_by_label("Node ID")).to_have_value("")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_faults_stand_beside_their_fields(dialog: Locator, machine: Sshd) -> None:
    dialog.get_by_role("button", name="Check host key").click()
    expect(dialog.get_by_text("Type the machine's IP address or hostname")).to_be_visible()
    check_host_key(dialog, machine)
    dialog.get_by_label("This is the machine's key").check()
    dialog.get_by_label("Private key").fill(machine.private_key)
    dialog.get_by_label("Agents").fill("bad/id")
    dialog.get_by_role("button", name="Deploy", exact=True).click()
    expect(dialog.get_by_text(re.compile("^must be ids of letters"))).to_be_visible()
    expect(dialog.get_by_label("Agents")).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_the_form(
    cluster: Cluster, page: Page, machine: Sshd, plane: ControlPlane, theme: str
) -> None:
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    dialog = cluster("?add=ssh").get_by_role("dialog", name="Add worker node")
    check_host_key(dialog, machine)
    dialog.get_by_label("Private key").fill(machine.private_key)
    assert violations(page) == []
    job = ToldJob(plane)
    job.end("failed", "The host key is another one")
    page.goto(f"/operations/cluster?add=ssh&again={job.id}")
    expect(dialog.get_by_text("The same deploy again")).to_be_visible()
    assert violations(page) == []
