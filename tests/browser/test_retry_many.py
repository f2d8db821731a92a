"""The machines of a job that did not succeed, once more: the form of its page, with real SSH servers."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.test_deploy_many import fill, open_up
from tests.deploying.farm import Farm, a_farm
from tests.fleet import until
from tests.gateways.ssh.machines import Sshd, make_key

pytestmark = pytest.mark.browser

Cluster = Callable[..., Page]


@pytest.fixture
def farm(tmp_path: Path, home: Path, programs: Path) -> Iterator[Farm]:
    """Two machines that let nobody in."""
    with ExitStack() as made:
        yield made.enter_context(a_farm(tmp_path, home, programs, 2, [1, 2]))


def failed_page(cluster: Cluster, page: Page, machines: Farm) -> None:
    """The page of a job whose machines all refused the key."""
    dialog = cluster("?add=ssh&many=1").get_by_role("dialog", name="Add worker node")
    fill(dialog, machines)
    dialog.get_by_role("button", name="Deploy to 2").click()
    expect(dialog.get_by_role("alert")).to_contain_text("0 of 2 done", timeout=60_000)
    dialog.get_by_role("button", name="Open job page").click()
    expect(page.get_by_role("heading", name="Deploy to 2 machines")).to_be_visible()


def retry_form(page: Page) -> Locator:
    """The form that the page of a job opens."""
    page.get_by_role("button", name="Retry failed ones").click()
    dialog = page.get_by_role("dialog", name="Add worker node")
    expect(dialog.get_by_text("The 2 machines that did not succeed, as a new job")).to_be_visible()
    return dialog


def reinstall(server: Sshd) -> str:
    """Let the login in, under another host key; its fingerprint once the server shows it."""
    host = server.folder / "host"
    host.unlink()
    make_key(host)
    open_up(server)
    [address, *_] = re.findall(r"127\.0\.2\.\d+", (server.folder / "sshd_config").read_text())
    public = host.with_suffix(".pub").read_text().split()[1]
    look = ["ssh-keyscan", "-T", "2", "-t", "ed25519", "-p", str(server.port), address]
    until(lambda: public in subprocess.run(look, capture_output=True, text=True, check=False).stdout, 10)
    return server.fingerprint


def test_nothing_is_sent_without_a_login_and_what_was_typed_is_not_lost(
    cluster: Cluster, page: Page, farm: Farm
) -> None:
    failed_page(cluster, page, farm)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/retry") else None)
    dialog = retry_form(page)
    assert violations(page) == []

    dialog.get_by_role("button", name="Retry 2").click()
    expect(dialog.get_by_text("Paste the private key, or drop its file here").first).to_be_visible()
    assert asked == []

    dialog.get_by_label("Private key").fill(farm.login)
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Leave what you typed?").get_by_role("button", name="Leave it").click()
    expect(dialog).to_be_hidden()


def test_machines_whose_host_key_changed_are_looked_at_before_the_next_retry(
    cluster: Cluster, page: Page, farm: Farm
) -> None:
    failed_page(cluster, page, farm)
    [server] = set(farm.machines.values())
    fingerprint = reinstall(server)
    dialog = retry_form(page)
    dialog.get_by_label("Private key").fill(farm.login)
    dialog.get_by_role("button", name="Retry 2").click()
    expect(dialog.get_by_role("alert")).to_contain_text("(host_key_changed)", timeout=60_000)

    dialog.get_by_role("button", name="Retry failed ones").click()
    dialog.get_by_label("Private key").fill(farm.login)
    expect(dialog.get_by_text("Check and confirm the host keys that changed first.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Retry 2")).to_be_disabled()
    dialog.get_by_role("button", name="Check 2 host keys").click()
    expect(dialog.get_by_text(fingerprint)).to_have_count(2)
    for box in dialog.get_by_role("table", name="Machines").get_by_role("checkbox").all():
        box.check()
    dialog.get_by_role("button", name="Retry 2").click()
    expect(dialog.get_by_role("status").filter(has_text="2 of 2 done")).to_be_visible(timeout=90_000)
