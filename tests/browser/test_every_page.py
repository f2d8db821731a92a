"""Every page that needs no account: axe (quality 38), 320 px (40), reduced motion and forced colours (41)."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import WIDE
from tests.browser.machines import Machines
from tests.browser.routes import OPEN
from tests.browser.themes import THEMES
from tests.browser.told_jobs import ToldJob
from tests.browser.watch import watch
from tests.browser.wire import Wire
from tests.journeys.control_plane import ControlPlane

NODE = "/operations/cluster/a-1"
TABS = ("agents", "metrics", "events", "deployments", "settings", "credentials")
PATHS = (*OPEN, NODE, *(f"{NODE}/{tab}" for tab in TABS))


def opened(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_role("status").filter(has_text="Live").wait_for()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(re.compile("Loading|not found|Not found|Not loaded"))


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_any_page(page: Page, machines: Machines, theme: str) -> None:
    machines.add("a-1", beat={"agents": ["x"], "issues": [{"code": "disk", "message": "Disk full"}]})
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    for path in PATHS:
        opened(page, path)
        assert violations(page) == [], path


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_the_deployments_and_a_job(page: Page, plane: ControlPlane, theme: str) -> None:
    job = ToldJob(plane, connect="succeeded", probe="failed")
    job.say("looking", "no room on the disk")
    job.end("failed", "The disk of the machine is full", "Make room and retry")
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    opened(page, "/operations/deployments")
    page.get_by_role("table").wait_for()
    assert violations(page) == []
    opened(page, job.path)
    page.get_by_role("log").wait_for()
    assert violations(page) == []


def test_no_page_scrolls_sideways_at_320_pixels(page: Page, machines: Machines) -> None:
    machines.add("a-1", name="a-name-that-is-much-longer-than-a-phone-is-wide-01", beat={"agents": ["x"]})
    page.set_viewport_size({"width": 320, "height": 844})
    for path in PATHS:
        opened(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_reduced_motion_moves_nothing_and_forced_colours_keep_the_shapes(
    browser: Browser, wire: Wire, machines: Machines
) -> None:
    machines.add("a-1")
    context = browser.new_context(
        viewport=WIDE,  # type: ignore[arg-type]
        base_url=wire.url,
        reduced_motion="reduce",
        forced_colors="active",
    )
    faults = watch(context, wire.url)
    page = context.new_page()
    opened(page, "/operations/cluster")
    expect(page.locator("li svg[viewBox='0 0 12 12'] circle").first).to_be_visible()
    moving = "document.getAnimations().filter((one) => one.effect.getTiming().iterations === Infinity).length"
    assert page.evaluate(moving) == 0
    context.close()
    assert faults == []
