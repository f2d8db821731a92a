"""Nodes taken out of use on the pages, with real daemons: what it hits first, then how far it is (flows 10 and 11)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.daemons import Daemons
from tests.browser.seen import node
from tests.fleet import until

pytestmark = pytest.mark.browser


def test_a_node_is_cordoned_with_a_note_and_taken_back_by_keyboard(page: Page, daemons: Daemons) -> None:
    daemons.start("one")
    page.goto("/operations/cluster/one")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Online")
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Cordon one")
    expect(dialog.get_by_label("Why")).to_be_focused()
    page.keyboard.type("new disk")
    dialog.get_by_label("Until").fill("2099-01-01T10:00")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("must be")
    dialog.get_by_label("Until").fill("")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("note")).to_contain_text("Takes no new agents: new disk.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cordoned")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Online")
    expect(page.get_by_role("note")).to_have_count(0)


def test_a_drain_by_keyboard_alone_tells_what_it_hits_and_how_far_it_is(page: Page, daemons: Daemons) -> None:
    """Flow 10 and quality 39."""
    daemons.start("one", "two")
    for name in ("ada", "bob"):
        daemons.register(name, nodeId="one")
    daemons.register("cat", nodeId="one")
    page.goto("/operations/cluster?sort=name")
    node(page, "one").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("one")
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog", name="Drain one?")
    hits = dialog.get_by_role("list", name="Agents that are hit").get_by_role("listitem")
    expect(hits).to_have_count(3)
    expect(hits.filter(has_text="ada")).to_contain_text("→ two")
    expect(dialog).to_contain_text("3 agents are hit, 3 go elsewhere.")
    assert violations(page) == []
    dialog.get_by_label("Why").focus()
    page.keyboard.type("new disk")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Draining")).to_contain_text(re.compile(r"\d of 3 moved"))
    assert violations(page) == []
    drained = page.get_by_role("region", name="Drained")
    expect(drained).to_contain_text("3 of 3 moved.", timeout=60_000)
    assert [daemons.nodes(name) for name in ("ada", "bob", "cat")] == [["two"]] * 3
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cordoned")


def test_a_drain_that_was_stopped_leaves_the_rest_and_the_cordon(page: Page, daemons: Daemons) -> None:
    """Flow 10. The agent takes its time to end."""
    daemons.start("slow", "two")
    daemons.register("stubborn", nodeId="slow", command=["sh", "-c", "trap '' TERM; while :; do sleep 1; done"])
    page.goto("/operations/cluster/slow?do=drain")
    page.get_by_role("dialog").get_by_role("button", name="Drain node").click()
    draining = page.get_by_role("region", name="Draining")
    draining.get_by_role("button", name="Stop draining").click()
    expect(page.get_by_role("region", name="Drained")).to_contain_text("0 of 1 moved.", timeout=30_000)
    until(lambda: daemons.nodes("stubborn") == ["slow"], 30)
    expect(page.get_by_role("note")).to_contain_text("Takes no new agents")


def test_before_a_restart_and_a_removal_the_agents_that_are_hit_are_named(page: Page, daemons: Daemons) -> None:
    daemons.start("one")
    daemons.register("ada")
    for act, fate in (("restart", "is restarted where it is"), ("remove", "is placed nowhere")):
        page.goto(f"/operations/cluster/one?do={act}")
        expect(page.get_by_role("dialog").get_by_role("list", name="Agents that are hit")).to_contain_text(fate)
    assert violations(page) == []


def test_several_nodes_are_drained_at_once_after_the_sum_of_what_it_hits(page: Page, daemons: Daemons) -> None:
    """Flow 11."""
    daemons.start("a-1", "a-2", "a-3")
    for number in (1, 2):
        daemons.register(f"agent-{number}", nodeId=f"a-{number}")
    page.goto("/operations/cluster?view=table&sort=name")
    for name in ("a-1", "a-2"):
        page.get_by_role("checkbox", name=f"Select {name}").click()
    bar = page.get_by_role("region", name="Selected nodes")
    bar.get_by_role("button", name="Drain…").click()
    dialog = page.get_by_role("dialog", name="Drain 2 nodes?")
    expect(dialog.get_by_role("region", name="What it hits")).to_contain_text("2 agents are hit, 2 go elsewhere.")
    dialog.get_by_label("Why").fill("Memory is replaced")
    dialog.get_by_role("button", name="Drain nodes").click()
    expect(bar.get_by_role("status")).to_contain_text("2 of 2 nodes draining")
    notes = [daemons.plane.get(f"/nodes/{name}")[1]["cordon"]["note"] for name in ("a-1", "a-2")]
    assert notes == ["Memory is replaced"] * 2
    until(lambda: {tuple(daemons.nodes(f"agent-{number}")) for number in (1, 2)} == {("a-3",)}, 60)
