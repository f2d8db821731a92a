"""axe finds nothing on any route and dialog, in both themes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.machines import Machines
from tests.browser.themes import THEMES

STATES = {
    "cards": "?view=cards",
    "table": "?view=table",
    "map": "?view=map",
    "no match": "?q=nowhere",
    "filtered": "?q=cap:gpu&status=online",
    "adding": "?add=manual",
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(
    cluster: Callable[..., Page], machines: Machines, page: Page, state: str, theme: str
) -> None:
    machines.add("well", capabilities=["gpu"], beat={"agents": ["x"]})
    machines.add(
        "hot", beat={"cpuUsage": 0.99, "memoryUsage": 0.8, "issues": [{"code": "disk", "message": "Disk full"}]}
    )
    machines.add("gone", alive=False)
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    cluster(STATES[state])
    if state == "adding":
        expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_axe_finds_nothing_where_there_is_nothing(cluster: Callable[..., Page], machines: Machines) -> None:
    assert violations(cluster()) == []
