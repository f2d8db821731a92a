"""What is seen on the pages."""

import re

from playwright.sync_api import Locator, Page


def node(page: Page, name: str) -> Locator:
    """The link of a node in the list; events and the strip above it name nodes too."""
    return page.locator("[data-node]").filter(has_text=re.compile(f"^{re.escape(name)}$"))
