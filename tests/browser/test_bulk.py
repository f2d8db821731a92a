"""Many nodes at once: chosen by mouse and keyboard, acted on a few at a time, each failure named."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.axe import violations
from tests.browser.machines import Machines
from tests.journeys.control_plane import free_port

Cluster = Callable[..., Page]


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Selected nodes")


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Select {name}")


@pytest.mark.parametrize("view", ["cards", "table"])
def test_nodes_are_chosen_by_click_by_range_by_key_and_all_at_once(
    cluster: Cluster, machines: Machines, view: str
) -> None:
    for number in range(1, 6):
        machines.add(f"n-{number}", capabilities=["gpu"] if number < 5 else [])
    page = cluster(f"?view={view}&sort=name&q=cap:gpu")
    box(page, "n-1").click()
    box(page, "n-3").click(modifiers=["Shift"])
    expect(bar(page)).to_contain_text("3 nodes selected")
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar(page)).to_contain_text("2 nodes selected")
    bar(page).get_by_role("button", name="Select all 4 matching").click()
    expect(bar(page)).to_contain_text("4 nodes selected")
    bar(page).get_by_role("button", name="Clear").click()
    expect(bar(page)).to_have_count(0)


def test_many_are_removed_after_their_count_was_typed(cluster: Cluster, machines: Machines) -> None:
    for number in range(1, 7):
        machines.add(f"n-{number}", alive=False)
    page = cluster("?view=table&sort=name")
    box(page, "n-1").click()
    box(page, "n-5").click(modifiers=["Shift"])
    bar(page).get_by_role("button", name="Remove…").click()
    dialog = page.get_by_role("dialog", name="Remove 5 nodes?")
    expect(dialog.get_by_role("button", name="Remove 5 nodes")).to_be_disabled()
    dialog.get_by_label("Type 5 to confirm").fill("5")
    dialog.get_by_role("button", name="Remove 5 nodes").click()
    expect(bar(page).get_by_role("status")).to_contain_text("5 of 5 nodes removed")
    expect(page.locator("[data-node]")).to_have_text(["n-6"])


def test_a_restart_of_many_names_the_counts_and_each_failure(cluster: Cluster, machines: Machines) -> None:
    for name in ("a-1", "a-2"):
        machines.add(name, port=free_port(), beat={"agents": [f"{name}-x", f"{name}-y"]})
    page = cluster("?view=table&sort=name")
    box(page, "a-1").click()
    box(page, "a-2").click()
    bar(page).get_by_role("button", name="Restart agents…").click()
    dialog = page.get_by_role("dialog", name="Restart the agents of 2 nodes?")
    expect(dialog).to_contain_text("4 agents on 2 nodes")
    page.keyboard.press("Enter")
    outcome = bar(page).get_by_role("status")
    expect(outcome).to_contain_text("0 of 2 nodes restarted or told to, 2 failed", timeout=20_000)
    expect(outcome.get_by_role("listitem").filter(has_text="a-1")).to_contain_text("a-1: ")


def test_a_wait_for_the_limit_of_the_control_plane_is_told_and_can_be_stopped(
    cluster: Cluster, machines: Machines, page: Page
) -> None:
    for number in range(1, 7):
        machines.add(f"n-{number}", alive=False)
    cluster("?view=table&sort=name")
    box(page, "n-1").click()
    box(page, "n-6").click(modifiers=["Shift"])
    too_many = '{"error": "Too many requests: wait 40 s", "code": "too_many_requests"}'

    def limited(route: Route) -> None:
        if route.request.url.endswith("/n-1"):
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "40"}, body=too_many)

    page.route("**/nodes/n-*", limited)
    bar(page).get_by_role("button", name="Remove…").click()
    page.get_by_label("Type 6 to confirm").fill("6")
    page.get_by_role("button", name="Remove 6 nodes").click()
    outcome = bar(page).get_by_role("status")
    expect(outcome).to_contain_text(
        re.compile(r"1 of 6 nodes removed, waiting (40|3\d) s for the control plane's limit")
    )
    bar(page).get_by_role("button", name="Stop").click()
    expect(outcome).to_have_text("1 of 6 nodes removed, stopped: 5 left alone")
    expect(bar(page)).to_contain_text("5 nodes selected")
