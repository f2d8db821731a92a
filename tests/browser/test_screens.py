"""Pictures of the main pages, compared with those that somebody looked at. A picture that was deleted is taken anew."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import WIDE
from tests.browser.drawn_fleet import JOB, NOW, answer_for
from tests.browser.machines import Machines
from tests.browser.watch import watch
from tests.browser.wire import Wire

KEPT = Path(__file__).parent / "screens"
PAGES = {
    "cluster": ("/operations/cluster?view=cards", "text=Memory above 90 %"),
    "node": ("/operations/cluster/gpu-rig-02", "text=Front desk"),
    "job": (f"/operations/deployments/{JOB}", "text=no space left on device"),
    "dialog": ("/operations/cluster?add=manual", "text=Test connection"),
}
# Pictures are kept at a third of their size: what a page looks like, not how a browser smooths its letters.
SMALL = """async (picture) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 300 });
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, 480, 300);
    return canvas.toDataURL("image/png").split(",")[1];
}"""
# The share of points whose colour is another one.
DIFFERENCE = """async (pictures) => {
    const points = await Promise.all(pictures.map(async (picture) => {
        const image = new Image();
        image.src = `data:image/png;base64,${picture}`;
        await image.decode();
        const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 300 });
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, 480, 300).data;
    }));
    let other = 0;
    for (let at = 0; at < points[0].length; at += 4) {
        if ([0, 1, 2].some((part) => Math.abs(points[0][at + part] - points[1][at + part]) > 40)) other += 1;
    }
    return other / (480 * 300);
}"""
MOST = 0.004

pytestmark = pytest.mark.browser


@pytest.fixture
def drawn(browser: Browser, wire: Wire, machines: Machines) -> Iterator[BrowserContext]:
    """A browser that sees the fleet that never changes, at a time that stands still; our own server is empty."""
    assert not machines.alive
    made = browser.new_context(
        viewport=WIDE,  # type: ignore[arg-type]
        base_url=wire.url,
        timezone_id="UTC",
        locale="en-GB",
        reduced_motion="reduce",
    )
    answer_for(made)
    faults = watch(made, wire.url)
    yield made
    made.close()
    assert faults == []


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_was_last_looked_at(drawn: BrowserContext, tmp_path: Path, name: str, theme: str) -> None:
    path, sign = PAGES[name]
    page = drawn.new_page()
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page.clock.set_fixed_time(NOW)
    page.goto(path)
    page.locator(sign).first.wait_for()
    expect(page.locator("header [role=status]").filter(has_text="Live")).to_have_count(1)
    seen = at_rest(page)

    kept = KEPT / f"{name}-{theme}.png"
    (tmp_path / kept.name).write_bytes(seen)
    if not kept.exists():
        kept.write_bytes(seen)
        pytest.fail(f"{kept.name} was taken anew: look at it, and commit it if it is right")
    pictures = [base64.b64encode(picture).decode() for picture in (kept.read_bytes(), seen)]
    blank = drawn.new_page()
    share = blank.evaluate(DIFFERENCE, pictures)
    assert share < MOST, f"{share:.2%} of {kept.name} is other than in {tmp_path / kept.name}; delete it to renew it"


def at_rest(page: Page) -> bytes:
    """The picture once two in a row are the same, small."""
    page.mouse.move(700, 20)
    page.evaluate("document.fonts.ready.then(() => undefined)")
    blank, before = page.context.new_page(), b""
    for _ in range(20):
        taken = base64.b64encode(page.screenshot(animations="disabled", caret="hide")).decode()
        small = base64.b64decode(blank.evaluate(SMALL, taken))
        if small == before:
            return small
        before = small
        page.wait_for_timeout(300)  # the page goes on drawing
    pytest.fail("the page does not come to rest")
