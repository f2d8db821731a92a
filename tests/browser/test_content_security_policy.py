"""The policy in a real browser: both pages work under it, and it does stop what it is there for."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.wire import Wire

pytestmark = pytest.mark.browser

COUNT = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""
INJECT = """
const script = document.createElement("script");
script.textContent = "window.injected = true";
document.body.append(script);
const image = document.createElement("img");
image.setAttribute("onerror", "window.injected = true");
image.src = "data:,";
document.body.append(image);
"""


def test_the_explorer_tries_a_route_and_breaks_no_rule(page: Page) -> None:
    page.add_init_script(COUNT)
    page.goto("/api/docs/")
    page.get_by_role("button", name="GET /healthz", exact=False).first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(page.locator(".live-responses-table")).to_contain_text('"ok"')
    assert page.evaluate("violations") == []


def test_the_dashboard_breaks_no_rule(page: Page) -> None:
    page.add_init_script(COUNT)
    page.goto("/operations/cluster")
    page.get_by_role("status").filter(has_text="Live").wait_for()
    assert page.evaluate("violations") == []


@pytest.mark.parametrize("path", ["/operations/cluster", "/api/docs/"])
def test_a_script_that_was_slipped_into_a_page_does_not_run(browser: Browser, wire: Wire, path: str) -> None:
    page = browser.new_page()
    try:
        page.add_init_script(COUNT)
        page.goto(wire.url + path)
        page.evaluate(INJECT)
        page.wait_for_function("violations.length >= 2")
        assert page.evaluate("window.injected") is None
    finally:
        page.close()
