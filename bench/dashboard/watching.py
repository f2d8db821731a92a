"""What a page costs its browser, told by the browser itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.heartbeats.errors import NotMeasurable

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# The switches only keep it from looking for updates; nothing makes it faster than a person's browser.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WINDOW = {"width": 1440, "height": 900}
LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration)))
  .observe({ type: "longtask", buffered: true });
"""
PAINTED = """
(count) => document.querySelectorAll('[role="row"], [data-node]').length > 10
  && document.body.innerText.includes(count)
"""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of the main thread per second, and what was seen beside."""

    script_ms: float
    task_ms: float
    longest_task_ms: float
    elements: int
    heap_mb: float


@contextmanager
def opened(url: str) -> Iterator[Page]:
    """A page in a fresh browser, before it goes anywhere."""
    if CHROMIUM is None:
        raise NotMeasurable("Chromium is needed (on Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport=WINDOW, base_url=url)  # type: ignore[arg-type]
        context.add_init_script(LONG_TASKS)
        yield context.new_page()
        browser.close()


def until_usable(page: Page, path: str, nodes: int) -> float:
    """Milliseconds from the start of the navigation until the rows of that many nodes are there."""
    page.goto(path, wait_until="commit")
    page.wait_for_function(PAINTED, arg=f"{nodes:,}", timeout=30_000)
    return float(page.evaluate("performance.now()"))


def cost(page: Page, seconds: float) -> Cost:
    """Watch for so long, and say what it took."""
    session = page.context.new_cdp_session(page)
    # By default these are times on the clock: a core that is shared would count against the page.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate("window.longTasks.length = 0")
    before = _metrics(session)
    page.wait_for_timeout(1000 * seconds)
    after = _metrics(session)
    session.send("HeapProfiler.collectGarbage")
    return Cost(
        script_ms=1000 * (after["ScriptDuration"] - before["ScriptDuration"]) / seconds,
        task_ms=1000 * (after["TaskDuration"] - before["TaskDuration"]) / seconds,
        longest_task_ms=float(page.evaluate("Math.max(0, ...window.longTasks)")),
        elements=int(page.evaluate("document.querySelectorAll('*').length")),
        heap_mb=_metrics(session)["JSHeapUsedSize"] / 1e6,
    )


def _metrics(session: CDPSession) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
