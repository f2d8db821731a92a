"""The network of whoever looks goes away and comes back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.wire import Wire
from tests.kit.loopback import Loopback

Cluster = Callable[..., Page]


def open_page(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()


def test_a_page_whose_code_did_not_come_comes_when_the_network_is_back(
    cluster: Cluster, page: Page, wire: Wire
) -> None:
    cluster()
    wire.down = True
    wire.cut()
    with page.expect_event("requestfailed", lambda request: "/assets/" in request.url):
        open_page(page, "Audit log")
    wire.down = False
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")


def test_a_browser_that_believes_to_be_offline_still_shows_what_answers(
    loopback: Loopback | None, cluster: Cluster, page: Page
) -> None:
    """The control plane may be the machine itself, or the only other one in the network."""
    if loopback is None:
        pytest.skip("needs a network of its own for the browser: root and namespaces")
    cluster()
    loopback.plug()
    page.wait_for_function("navigator.onLine")
    loopback.unplug()
    page.wait_for_function("!navigator.onLine")
    open_page(page, "Health")
    expect(page.get_by_role("heading", name="Database")).to_be_visible()
