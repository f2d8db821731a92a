"""Add worker node, Deploy via SSH, Many machines: from a list to nodes that are online, with real SSH servers."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.deploying.farm import Farm, a_farm
from tests.gateways.ssh.machines import ME, Sshd

pytestmark = pytest.mark.browser

Cluster = Callable[..., Page]


@pytest.fixture
def farm(tmp_path: Path, home: Path, programs: Path) -> Iterator[Callable[..., Farm]]:
    """Makes a farm of so many machines."""
    with ExitStack() as made:
        yield lambda count, locked=(): made.enter_context(a_farm(tmp_path, home, programs, count, locked))


@pytest.fixture
def dialog(cluster: Cluster) -> Locator:
    """The open dialog."""
    return cluster("?add=ssh&many=1").get_by_role("dialog", name="Add worker node")


def fill(dialog: Locator, machines: Farm) -> None:
    """The list, the user and the key; the host keys are confirmed."""
    dialog.get_by_label("Machines", exact=False).first.fill(machines.csv())
    dialog.get_by_label("User", exact=True).fill(ME)
    dialog.get_by_label("Private key").fill(machines.login)
    dialog.get_by_role("button", name=re.compile(r"^Check \d host keys$")).click()
    dialog.get_by_label("new keys are those of the machines").check()


def test_a_list_becomes_nodes_and_what_failed_is_retried(
    dialog: Locator, page: Page, farm: Callable[..., Farm], programs: Path
) -> None:
    machines = farm(3, locked=[2])
    fill(dialog, machines)
    dialog.get_by_role("button", name="Deploy to 3").click()

    table = dialog.get_by_role("table", name="Machines")
    expect(table.get_by_role("row").filter(has_text="node-1")).to_contain_text("Succeeded", timeout=90_000)
    expect(dialog.get_by_role("alert")).to_contain_text("2 of 3 done; failed: node-2 (auth_failed)", timeout=90_000)
    dialog.get_by_label("Failed only (1)").check()
    expect(table.get_by_role("row")).to_have_count(2)
    expect(table).to_contain_text("did not accept the key")

    server = machines.machines["127.0.2.2"]
    open_up(server)
    dialog.get_by_role("button", name="Retry failed ones").click()
    expect(dialog.get_by_text("The machine that did not succeed, as a new job")).to_be_visible()
    dialog.get_by_label("Private key").fill(machines.login)
    dialog.get_by_role("button", name="Retry", exact=True).click()
    expect(dialog.get_by_role("status").filter(has_text="1 of 1 done")).to_be_visible(timeout=90_000)
    dialog.get_by_role("button", name="Open job page").click()
    expect(page.get_by_role("heading", name="Deploy to 1 machine")).to_be_visible()


def open_up(server: Sshd) -> None:
    """All machines of a server accept the login from now on."""
    path = server.folder / "sshd_config"
    path.write_text(
        path.read_text().replace("AuthorizedKeysFile none", f"AuthorizedKeysFile {server.folder}/authorized")
    )
    assert server.process is not None
    server.process.send_signal(1)


def test_what_is_wrong_stands_in_its_row_before_anything_is_sent(dialog: Locator) -> None:
    text = "host,port,name\n10.0.0.1,22,one\n10.0.0.1,22,two\n10.0.0.3,70000,three\n"
    dialog.get_by_label("Machines", exact=False).first.fill(text)

    table = dialog.get_by_role("table", name="Machines")
    expect(table.get_by_role("row").filter(has_text="row 1 names the same machine")).to_be_visible()
    expect(table.get_by_role("row").filter(has_text="must be 1-65535")).to_be_visible()
    expect(dialog.get_by_text("2 rows are wrong.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Deploy to 3")).to_be_disabled()

    dialog.get_by_label("Machines", exact=False).first.fill("host,color\n10.0.0.1,red")
    expect(dialog.get_by_text("The list has a column 'color'")).to_be_visible()


def test_a_file_may_be_chosen(dialog: Locator) -> None:
    content = b"10.0.0.1\n10.0.0.2\n"
    dialog.locator("input[type=file]").set_input_files({"name": "fleet.csv", "mimeType": "text/csv", "buffer": content})

    expect(dialog.get_by_role("table", name="Machines").get_by_role("row")).to_have_count(3)


def test_switching_asks_before_the_list_is_lost(dialog: Locator, page: Page) -> None:
    dialog.get_by_label("Machines", exact=False).first.fill("10.0.0.1")
    dialog.get_by_role("radio", name="One machine").click()

    page.get_by_role("dialog", name="Leave what you typed?").get_by_role("button", name="Leave it").click()

    expect(dialog.get_by_label("Host or IP")).to_be_visible()


def test_the_keyboard_reaches_the_list(dialog: Locator, page: Page) -> None:
    dialog.get_by_role("radio", name="Many machines").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("10.0.0.1")

    expect(dialog.get_by_role("table", name="Machines")).to_contain_text("10.0.0.1")


def test_a_machine_is_deployed_to_through_a_jump_host(
    cluster: Cluster, page: Page, machine: Sshd, tmp_path: Path
) -> None:
    folder = tmp_path / "gate"
    folder.mkdir()
    with Sshd(folder) as gate:
        (gate.folder / "authorized").write_text((machine.folder / "login.pub").read_text())
        dialog = cluster("?add=ssh").get_by_role("dialog", name="Add worker node")
        dialog.get_by_label("Host or IP").fill("127.0.0.1")
        dialog.get_by_label("SSH port", exact=True).fill(str(machine.port))
        dialog.get_by_label("User", exact=False).first.fill(ME)
        dialog.get_by_text("Through a jump host").click()
        dialog.get_by_label("Jump host", exact=True).last.fill("127.0.0.1")
        dialog.get_by_label("Its SSH port").fill(str(gate.port))
        dialog.get_by_label("User there").fill(ME)
        dialog.get_by_role("button", name="Check jump host's key").click()
        dialog.get_by_label("This is the jump host's key").check()
        dialog.get_by_label("Private key").fill(machine.private_key)
        dialog.get_by_role("button", name="Check host key").click()
        expect(dialog.get_by_text(machine.fingerprint)).to_be_visible()
        dialog.get_by_label("This is the machine's key").check()
        dialog.get_by_label("Node name").fill("behind")
        assert violations(page) == []
        dialog.get_by_role("button", name="Deploy", exact=True).click()

        expect(dialog.get_by_role("button", name="Open node")).to_be_visible(timeout=90_000)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_in_a_list_and_its_job(
    cluster: Cluster, page: Page, farm: Callable[..., Farm], theme: str
) -> None:
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    dialog = cluster("?add=ssh&many=1").get_by_role("dialog", name="Add worker node")
    machines = farm(3, locked=[1, 2, 3])
    fill(dialog, machines)
    assert violations(page) == []
    dialog.get_by_role("button", name="Deploy to 3").click()
    expect(dialog.get_by_role("alert")).to_contain_text("0 of 3 done", timeout=60_000)
    assert violations(page) == []
    dialog.get_by_role("button", name="Open job page").click()
    expect(page.get_by_role("region", name="Machines")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_is_cut_off_on_a_phone(cluster: Cluster, page: Page, farm: Callable[..., Farm], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    dialog = cluster("?add=ssh&many=1").get_by_role("dialog", name="Add worker node")
    fill(dialog, farm(2, locked=[1, 2]))

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    dialog.get_by_role("button", name="Deploy to 2").click()
    expect(dialog.get_by_role("alert")).to_contain_text("0 of 2 done", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
