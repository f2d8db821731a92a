"""A machine as it is delivered, from the form to a node that is online; the browser is where the machine reaches us."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.domain.deploying.request import PLAN
from tests.browser.wire import Wire
from tests.deploying import agent_package
from tests.deploying.fresh import Fresh
from tests.journeys.control_plane import ControlPlane
from tests.kit.loopback import Loopback
from tests.kit.roots import USER

Cluster = Callable[..., Page]
AGENTS = ("a-1", "a-2")

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def plane(packaged_plane: ControlPlane, package: Path) -> ControlPlane:
    """A control plane whose agents come in a package."""
    agent_package.write(package)
    return packaged_plane


@pytest.fixture(params=["root", USER])
def fresh(make_fresh: Callable[[str], Fresh], request: pytest.FixtureRequest) -> Fresh:
    """A machine without Node.js and PM2, and the user to log in as; of the two only root may become root."""
    return make_fresh(request.param)


@pytest.fixture
def wire(plane: ControlPlane, fresh: Fresh, loopback: Loopback | None) -> Iterator[Wire]:
    """The browser comes to the web process that the machine reaches: a deploy tells it the address of the page."""
    made = Wire(plane.address(fresh.door), loopback)
    yield made
    made.close()


def test_a_fresh_machine_is_online_with_its_agents_after_one_job_of_the_form(
    cluster: Cluster, page: Page, fresh: Fresh, plane: ControlPlane
) -> None:
    order = fresh.order("fresh")
    cluster()
    page.get_by_role("button", name="Add worker node").click()
    dialog = page.get_by_role("dialog", name="Add worker node")
    dialog.get_by_role("tab", name="Deploy via SSH").click()
    fill_in(dialog, order)
    with waiting_jobs(plane):
        dialog.get_by_role("button", name="Deploy", exact=True).click()
        dialog.get_by_role("button", name="Open job page").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Deploy fresh *Queued$"))
        expect(page.get_by_role("status").filter(has_text="Following")).to_be_visible()

    see_it_succeed(page)
    shown = rows(page.get_by_role("table", name="Agents seen running"))
    assert [row[0] for row in shown] == list(AGENTS)
    said = agent_package.answers(order, fresh.machine)
    assert [row[:2] for row in shown] == [[one["id"], str(one["pid"])] for one in said]

    page.get_by_role("region", name="Facts").get_by_role("link", name="fresh").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^fresh *Online$"))
    agents = page.get_by_role("table", name="Agents")
    for name in AGENTS:
        expect(agents.get_by_role("row").filter(has_text=name)).to_contain_text("running")
    assert fresh.owners() == {fresh.home.stat().st_uid}


def fill_in(dialog: Locator, order: dict[str, Any]) -> None:
    """The form as a person does it, with the key that the machine's console says."""
    for label, value in (("Host or IP", order["host"]), ("SSH port", order["port"]), ("User", order["user"])):
        dialog.get_by_label(label).fill(str(value))
    dialog.get_by_role("button", name="Check host key").click()
    expect(dialog.get_by_text(order["fingerprint"])).to_be_visible()
    dialog.get_by_label("This is the machine's key").check()
    dialog.get_by_label("Private key").fill(order["privateKey"])
    dialog.get_by_label("Node name").fill(order["nodeId"])
    dialog.get_by_label("Agents").fill(", ".join(order["agents"]))
    dialog.get_by_label("Node port").fill(str(order["nodePort"]))


@contextmanager
def waiting_jobs(plane: ControlPlane) -> Iterator[None]:
    """No Celery worker takes a job meanwhile: the page of one is open before it begins, however quick it is."""
    plane.processes["worker"].send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        plane.processes["worker"].send_signal(signal.SIGCONT)


def see_it_succeed(page: Page) -> None:
    """Stay on the page of a job until it has ended well; its steps and its log are there without a reload."""
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(re.compile("Succeeded|Failed|Cancelled"), timeout=240_000)
    expect(title).to_contain_text("Succeeded")
    log = page.get_by_role("log")
    steps = log.locator("button[aria-expanded]")
    expect(steps.filter(has_text="Succeeded")).to_have_count(len(PLAN))
    expect(steps).to_have_count(len(PLAN))
    steps.filter(has_text="Check the machine").click()
    for said in ("node: no", "pm2: no", "python3: yes"):
        expect(log.locator("[data-line]").filter(has_text=re.compile(f"{said}$"))).to_be_visible()


def rows(table: Locator) -> list[list[str]]:
    """What stands in the cells of a table, without its head."""
    return [row.get_by_role("cell").all_inner_texts() for row in table.get_by_role("row").all()[1:]]
