"""Dialogs: where the focus goes, and what Esc closes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.machines import Machines
from tests.journeys.control_plane import free_port

Cluster = Callable[..., Page]


def choose(page: Page, node: str, item: str) -> None:
    """An item of a node's menu, by keyboard."""
    page.get_by_role("button", name=f"Actions for {node}").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name=item).press("Enter")


@pytest.mark.parametrize("view", ["cards", "table"])
def test_a_dialog_from_a_menu_gives_the_focus_back_to_its_button(
    cluster: Cluster, machines: Machines, view: str
) -> None:
    machines.add("a-1")
    page = cluster(f"?view={view}")
    choose(page, "a-1", "Remove node")
    expect(page.get_by_label("Type a-1 to confirm")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Actions for a-1")).to_be_focused()


def test_escape_closes_the_dialog_before_the_news(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1", port=free_port())
    page = cluster()
    choose(page, "a-1", "Ping")
    news = page.get_by_role("list", name="News").get_by_role("listitem")
    expect(news).to_contain_text("a-1: ")
    news.hover()  # it stays under the pointer
    choose(page, "a-1", "Restart agents")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(news).to_be_visible()


def test_a_click_on_the_news_leaves_the_dialog_open(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1", port=free_port())
    page = cluster()
    choose(page, "a-1", "Ping")
    news = page.get_by_role("list", name="News").get_by_role("listitem")
    news.hover()
    choose(page, "a-1", "Restart agents")
    page.mouse.down()
    page.mouse.up()
    expect(news).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("view", ["cards", "table"])
def test_after_a_removal_the_focus_is_on_the_next_node_and_at_last_on_the_heading(
    cluster: Cluster, machines: Machines, view: str
) -> None:
    for name in ("a-1", "a-2"):
        machines.add(name, alive=False)
    page = cluster(f"?view={view}&sort=name")
    for name, focused in (
        ("a-1", page.get_by_role("button", name="Actions for a-2")),
        ("a-2", page.get_by_role("heading", level=1)),
    ):
        choose(page, name, "Remove node")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.locator("[data-node]").filter(has_text=name)).to_have_count(0)
        expect(focused).to_be_focused()
