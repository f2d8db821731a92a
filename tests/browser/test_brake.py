"""The fleet brake on the pages, with a real daemon: who paused what, who confirmed, and the way back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.daemons import Daemons
from tests.fleet import until

pytestmark = pytest.mark.browser


def test_agents_are_paused_everywhere_by_keyboard_and_go_on_when_somebody_resumes(page: Page, daemons: Daemons) -> None:
    daemons.start("one")
    daemons.machines.add("bare")
    daemons.register("ada")
    page.goto("/operations/agents")
    page.get_by_role("table", name="Agents").wait_for()
    page.keyboard.press("Control+k")
    page.keyboard.type("pause")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Pause agents?")
    expect(dialog.get_by_label("Only those with the tag")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("a bad prompt")
    assert violations(page) == []
    page.keyboard.press("Enter")
    banner = page.get_by_role("region", name="Brake")
    expect(banner).to_contain_text("All agents are paused: a bad prompt.")
    expect(banner).to_contain_text("Confirmed by 1 of 1 node", timeout=30_000)
    expect(banner).to_contain_text("1 node without a daemon cannot be told")
    assert violations(page) == []
    until(lambda: daemons.state("ada") == "paused", 20)
    expect(page.get_by_role("table", name="Agents")).to_contain_text("paused")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    banner.get_by_role("button", name="Resume…").click()
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    expect(banner).to_have_count(0)
    until(lambda: daemons.state("ada") == "running", 30)


def test_agents_with_a_tag_are_paused_alone(page: Page, daemons: Daemons) -> None:
    daemons.start("one")
    daemons.register("ada", tags=["web"])
    daemons.register("bob")
    page.goto("/operations/agents")
    page.get_by_role("button", name="Pause agents").click()
    page.get_by_label("Only those with the tag").fill("web")
    page.get_by_role("button", name="Pause these agents").click()
    banner = page.get_by_role("region", name="Brake")
    expect(banner).to_contain_text("Agents tagged web are paused")
    until(lambda: daemons.state("ada") == "paused", 20)
    assert daemons.state("bob") == "running"
    assert daemons.plane.delete("/brake")[0] == 200
