"""The stream of a browser: one for all tabs, kept up through anything, and honest about what it is."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.machines import Machines
from tests.browser.seen import node
from tests.browser.wire import Wire

Cluster = Callable[..., Page]
STREAM = "**/stream?**"


def meanwhile(page: Page, look: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait while the browser's own events come in."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def pill(page: Page) -> Locator:
    return page.locator("header").get_by_role("status")


@pytest.mark.browser
def test_a_restarted_server_is_noticed_and_nothing_is_lost(cluster: Cluster, machines: Machines) -> None:
    machines.add("before")
    page = cluster()
    machines.plane.kill("web")
    try:
        expect(pill(page)).to_contain_text("Reconnecting")
        expect(page.get_by_text("Live updates paused.")).to_be_visible()
        expect(node(page, "before")).to_be_visible()
    finally:
        machines.plane.start_web("web")
    machines.add("meanwhile")
    expect(pill(page)).to_contain_text("Live", timeout=35_000)
    expect(node(page, "meanwhile")).to_be_visible()
    expect(page.get_by_text("Live updates paused.")).to_have_count(0)


def test_what_was_missed_is_replayed_by_position_without_another_list(
    cluster: Cluster, machines: Machines, wire: Wire
) -> None:
    machines.add("a-1", beat={"cpuUsage": 0.2})
    page = cluster()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    wire.down = True
    wire.cut()
    expect(pill(page)).to_contain_text("Reconnecting")
    machines.change("a-1", cpuUsage=0.77)
    wire.down = False
    expect(page.get_by_role("meter", name="CPU of a-1")).to_have_attribute("aria-valuenow", "77")
    assert any("position=" in url for url in asked)
    assert not any(url.endswith("/cluster/nodes") for url in asked)


@pytest.mark.browser
def test_a_bad_gateway_is_survived(cluster: Cluster, machines: Machines, context: BrowserContext, wire: Wire) -> None:
    machines.add("a-1")
    page = cluster()
    answers: list[int] = []

    def bad_gateway(route: Route) -> None:
        answers.append(502)
        route.fulfill(status=502, body="<html>Bad gateway</html>")

    context.route(STREAM, bad_gateway)
    wire.cut()
    expect(pill(page)).to_contain_text("Reconnecting")
    meanwhile(page, lambda: len(answers) >= 2)
    context.unroute(STREAM)
    expect(pill(page)).to_contain_text("Live")


def test_a_silent_socket_is_stale_after_45_seconds_and_is_replaced(
    page: Page, cluster: Cluster, machines: Machines, context: BrowserContext
) -> None:
    machines.add("a-1", alive=False)
    page.clock.install()
    cluster()
    held: list[Route] = []

    def unanswered(route: Route) -> None:
        held.append(route)

    context.route(STREAM, unanswered)
    page.clock.fast_forward(46_000)
    expect(pill(page)).to_contain_text("Stale")
    expect(node(page, "a-1")).to_be_visible()
    meanwhile(page, lambda: len(held) == 1)
    context.unroute(STREAM)
    page.clock.fast_forward(16_000)
    expect(pill(page)).to_contain_text("Live")


@pytest.mark.browser
def test_retry_now_does_not_wait(cluster: Cluster, machines: Machines, wire: Wire) -> None:
    machines.add("a-1")
    page = cluster()
    wire.down = True
    wire.cut()
    page.get_by_role("button", name="Retry now").wait_for(timeout=15_000)
    wire.down = False
    page.get_by_role("button", name="Retry now").click()
    expect(pill(page)).to_contain_text("Live", timeout=1_500)


@pytest.mark.browser
def test_tabs_share_one_stream_and_another_takes_over(
    cluster: Cluster, machines: Machines, context: BrowserContext
) -> None:
    opened: list[str] = []
    context.on("request", lambda request: opened.append(request.url) if "/stream?" in request.url else None)
    machines.add("a-1")
    first = cluster()
    others = [context.new_page() for _ in range(3)]
    for other in others:
        other.goto("/operations/cluster")
        expect(node(other, "a-1")).to_be_visible()
        expect(pill(other)).to_contain_text("Live")
    assert len(opened) == 1
    machines.change("a-1", cpuUsage=0.61)
    for tab in (first, *others):
        expect(tab.get_by_role("meter", name="CPU of a-1")).to_have_attribute("aria-valuenow", "61")
    first.close()
    meanwhile(others[0], lambda: len(opened) == 2)
    machines.change("a-1", cpuUsage=0.62)
    for other in others:
        expect(other.get_by_role("meter", name="CPU of a-1")).to_have_attribute("aria-valuenow", "62")
        expect(pill(other)).to_contain_text("Live")


@pytest.mark.browser
def test_a_hidden_tab_that_cannot_share_gives_its_stream_back_and_resumes_where_it_was(
    page: Page, cluster: Cluster, machines: Machines
) -> None:
    machines.add("a-1", beat={"cpuUsage": 0.2})
    page.add_init_script("delete globalThis.BroadcastChannel")
    page.clock.install()
    opened: list[str] = []
    ended: list[str] = []
    page.on("request", lambda request: opened.append(request.url) if "/stream?" in request.url else None)
    page.on("requestfailed", lambda request: ended.append(request.url) if "/stream?" in request.url else None)
    cluster()
    for hidden in (True, False, True):  # a minute counts from the last time it was looked at
        _hide(page, hidden)
        page.clock.fast_forward(29_000)
        _hear(page, machines)
    page.clock.fast_forward(29_000)
    _hear(page, machines)
    assert (len(opened), ended) == (1, [])
    page.clock.fast_forward(4_000)
    meanwhile(page, lambda: ended == opened)
    machines.change("a-1", cpuUsage=0.83)
    _hide(page, False)
    expect(page.get_by_role("meter", name="CPU of a-1")).to_have_attribute("aria-valuenow", "83")
    expect(pill(page)).to_contain_text("Live")
    assert "position=" in opened[1]


def test_a_new_build_is_announced_and_never_forced(
    cluster: Cluster, machines: Machines, context: BrowserContext, wire: Wire
) -> None:
    machines.add("a-1")
    page = cluster()
    told = 'event: server\ndata: {"type":"server","live":true,"build":"another"}\n\n'
    context.route(STREAM, lambda route: route.fulfill(content_type="text/event-stream", body=told))
    wire.cut()
    expect(page.get_by_text("A new version is running.")).to_be_visible()
    expect(node(page, "a-1")).to_be_visible()


def test_a_part_of_the_program_that_does_not_come_leaves_the_rest_standing(
    cluster: Cluster, machines: Machines, context: BrowserContext
) -> None:
    machines.add("a-1")
    page = cluster()
    context.route("**/assets/health-page*.js", lambda route: route.fulfill(status=404, body="gone"))
    page.get_by_role("link", name="Health").click()
    expect(page.get_by_role("alert")).to_contain_text("This page could not be shown")
    page.get_by_role("link", name="Cluster").first.click()
    expect(node(page, "a-1")).to_be_visible()
    page.get_by_role("link", name="Health").click()
    context.unroute("**/assets/health-page*.js")
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Health")


def test_without_its_list_the_page_says_what_failed_and_tries_again(
    page: Page, machines: Machines, context: BrowserContext
) -> None:
    machines.add("a-1")
    body = '{"error": "The database does not answer; try again in a few seconds", "code": "unavailable"}'
    path = re.compile(r"/cluster/nodes$")
    context.route(path, lambda route: route.fulfill(status=503, content_type="application/json", body=body))
    page.goto("/operations/cluster")
    expect(page.get_by_role("alert")).to_contain_text("The database does not answer")
    context.unroute(path)
    page.get_by_role("button", name="Try again").click()
    expect(node(page, "a-1")).to_be_visible()


def _hear(page: Page, machines: Machines) -> None:
    """Wait for another heartbeat, lest the stream be taken for silent when the clock jumps."""
    meter = page.get_by_role("meter", name="CPU of a-1")
    share = int(meter.get_attribute("aria-valuenow") or 0) + 1
    machines.change("a-1", cpuUsage=share / 100)
    expect(meter).to_have_attribute("aria-valuenow", str(share))


def _hide(page: Page, hidden: bool) -> None:
    """What the browser tells a page whose tab is left, or looked at again."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
