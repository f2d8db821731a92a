"""What axe finds wrong with a page."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
RUN = "async () => (await axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`)"


def violations(page: Page) -> list[str]:
    """One line per rule that the page breaks."""
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN)
    return found
