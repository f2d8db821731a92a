"""Agents on the pages, with real daemons: registered, placed, acted on, changed, deleted."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.daemons import Daemons
from tests.fleet import until

AGENTS = "/operations/agents"
pytestmark = pytest.mark.browser


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("table", name="Agents").get_by_role("row").filter(has_text=name)


def test_an_agent_is_registered_by_keyboard_and_told_where_it_went_and_why(page: Page, daemons: Daemons) -> None:
    daemons.start("one", "two")
    daemons.plane.post("/nodes/two/cordon", {"note": "new disk"})
    page.goto(AGENTS)
    page.get_by_role("heading", name="No agent yet").wait_for()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Register agent")
    expect(dialog.get_by_label("Agent ID")).to_be_focused()
    page.keyboard.type("ada")
    dialog.get_by_label("Command").fill("sleep 600")
    dialog.get_by_label("Environment").fill("TOKEN=a secret that nobody sees again")
    dialog.get_by_label("Tags").fill("web, night")
    assert violations(page) == []
    dialog.get_by_label("Tags").press("Enter")
    answer = page.get_by_role("dialog", name="ada is registered")
    expect(answer.get_by_role("status")).to_contain_text(re.compile(r"It starts on one, which scored \d+\.\d of 100"))
    expect(answer.get_by_role("region", name="Other nodes").get_by_role("listitem")).to_contain_text("two")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(answer).to_have_count(0)
    expect(row(page, "ada")).to_contain_text("running", timeout=20_000)
    expect(row(page, "ada")).to_contain_text("night")
    page.get_by_label("Filter agents").fill("tag:web wanted:running managed:yes waiting:no")
    expect(row(page, "ada")).to_have_count(1)
    page.get_by_label("Filter agents").fill("tag:day")
    expect(page.get_by_role("heading", name="No agent matches")).to_be_visible()
    page.goto(f"{AGENTS}/ada")
    expect(page.get_by_role("region", name="Should be")).to_contain_text("TOKEN")
    assert "a secret that nobody sees again" not in page.content()


def test_an_agent_that_fits_nowhere_is_refused_node_by_node(page: Page, daemons: Daemons) -> None:
    daemons.start("one")
    page.goto(f"{AGENTS}?register=1")
    dialog = page.get_by_role("dialog", name="Register agent")
    dialog.get_by_label("Agent ID").fill("-")
    dialog.get_by_role("button", name="Register agent").click()
    expect(dialog).to_contain_text("1-128 letters, digits")
    dialog.get_by_label("Agent ID").fill("big")
    dialog.get_by_label("Needs capabilities").fill("gpu")
    dialog.get_by_role("button", name="Register agent").click()
    expect(dialog.get_by_role("alert")).to_contain_text("No suitable node")
    expect(dialog.get_by_role("region", name="Why no node can take it")).to_contain_text("gpu")


def test_the_page_of_an_agent_proves_what_was_asked_changes_it_and_deletes_it(page: Page, daemons: Daemons) -> None:
    daemons.start("one", "two")
    daemons.register("ada", nodeId="one")
    page.goto(f"{AGENTS}/ada")
    seen = page.get_by_role("table", name="Seen")
    pid = seen.get_by_role("row").nth(1).get_by_role("cell").nth(4)
    expect(pid).to_have_text(re.compile(r"\d+"))
    before = pid.inner_text()
    page.keyboard.press("r")
    expect(page.get_by_role("dialog", name="Restart ada?")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Restart").get_by_role("status")).to_contain_text("Done.", timeout=30_000)
    expect(pid).not_to_have_text(before)
    page.keyboard.press("m")
    page.get_by_role("dialog", name="Move ada?").get_by_label("To").select_option("two")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.get_by_role("region", name="Move").get_by_role("status")).to_contain_text("Done.", timeout=30_000)
    assert daemons.nodes("ada") == ["two"]
    page.keyboard.press("e")
    page.get_by_label("Role").fill("Triage")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Should be")).to_contain_text("Triage")
    assert violations(page) == []
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{AGENTS}$"))
    expect(page.get_by_role("heading", name="No agent yet")).to_be_visible(timeout=20_000)


def test_many_are_stopped_at_once_and_those_left_alone_say_why(page: Page, daemons: Daemons) -> None:
    daemons.start("one")
    for name in ("ada", "bob"):
        daemons.register(name, tags=["web"])
    page.goto(f"{AGENTS}?q=tag:web&sort=name")
    page.get_by_role("checkbox", name="Select ada").click()
    page.get_by_role("checkbox", name="Select bob").click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selected agents")
    expect(bar).to_contain_text("2 agents selected")
    assert violations(page) == []
    bar.get_by_role("button", name="Stop…").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop 2 agents").click()
    expect(bar.get_by_role("status")).to_contain_text("2 of 2 agents done", timeout=30_000)
    until(lambda: {daemons.state(name) for name in ("ada", "bob")} == {"stopped"}, 20)
    daemons.register("eve", tags=["web"])
    bar.get_by_role("button", name="Select all 3 matching").click()
    bar.get_by_role("button", name="Restart…").click()
    page.get_by_role("dialog").get_by_role("button", name="Restart 3 agents").click()
    expect(bar.get_by_role("status")).to_contain_text("1 of 1 agent done, 2 left alone", timeout=30_000)
    expect(bar.get_by_role("listitem").first).to_contain_text("ada is stopped: start it")


def test_the_log_of_an_agent_is_fetched_and_followed(page: Page, daemons: Daemons) -> None:
    daemons.start("one")
    daemons.register("ada", command=["sh", "-c", "echo first; while :; do echo tick; sleep 1; done"])
    page.goto(f"{AGENTS}/ada/log")
    page.get_by_role("button", name="Last 200 lines").click()
    expect(page.get_by_role("log")).to_contain_text("first", timeout=30_000)
    page.get_by_role("button", name="Follow live").click()
    expect(page.get_by_role("log")).to_contain_text("tick", timeout=30_000)
    assert violations(page) == []
    page.get_by_role("button", name="Stop", exact=True).last.click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(1, timeout=30_000)
