"""A control plane with quick times for the whole run, Chromium, and an empty fleet per test."""

import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.dashboard import BUILT
from config import Settings
from tests.browser.daemons import Daemons
from tests.browser.machines import Machines
from tests.browser.watch import watch
from tests.browser.wire import Wire
from tests.deploying.conftest import (  # noqa: F401 - fixtures
    home,
    machine,
    make_fresh,
    network,
    package,
    packaged_plane,
    programs,
)
from tests.journeys.conftest import a_database, a_redis
from tests.journeys.control_plane import QUICK, ControlPlane
from tests.kit.hosts import obstacle
from tests.kit.loopback import Loopback

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE = {"width": 1440, "height": 900}

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[ControlPlane]:
    """A whole control plane with sign-in off; tests that stop parts of it start them again."""
    with own_plane(tmp_path_factory.mktemp("browser"), settings, "browser") as made:
        made.environment |= {"SECRET_KEY": "a key for tests that is long enough", "AGENT_COMMAND": "sleep 1000"}
        yield made.start()


@contextmanager
def own_plane(folder: Path, settings: Settings, name: str) -> Iterator[ControlPlane]:
    """A control plane that is yet to be started, with a database and a Redis number of its own."""
    assert (BUILT / "index.html").exists(), "the dashboard is not built: python -m dashboard.build"
    with a_database(settings, name) as database_url:
        made = ControlPlane(folder, database_url, a_redis(settings, name), QUICK)
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="session")
def loopback() -> Iterator[Loopback | None]:
    """The network of the browser; ours, None, where no test can make others."""
    made = None if obstacle() else Loopback()
    yield made
    if made:
        made.close()


@pytest.fixture(scope="session")
def browser(loopback: Loopback | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all tests."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium (on Debian: apt-get install chromium)")
    program = tmp_path_factory.mktemp("chromium") / "chromium"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([*(loopback.command if loopback else ()), CHROMIUM])} "$@"\n')
    program.chmod(0o755)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture
def machines(plane: ControlPlane) -> Iterator[Machines]:
    """Fake nodes that beat when told to; the fleet is empty before."""
    made = Machines(plane)
    made.remove_all()
    yield made
    made.stop()


@pytest.fixture
def daemons(machines: Machines, tmp_path: Path) -> Iterator[Daemons]:
    """No node but those with a real daemon that the test starts."""
    made = Daemons(machines, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def wire(plane: ControlPlane, loopback: Loopback | None) -> Iterator[Wire]:
    """What lies between the browser and the control plane."""
    made = Wire(plane.address("web"), loopback)
    yield made
    made.close()


@pytest.fixture
def context(browser: Browser, wire: Wire) -> Iterator[BrowserContext]:
    """A browser profile that knows nothing; what goes wrong in any of its pages fails the test."""
    made = browser.new_context(viewport=WIDE, base_url=wire.url)  # type: ignore[arg-type]
    made.set_default_timeout(10_000)
    faults = watch(made, wire.url)
    yield made
    made.close()
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One tab."""
    return context.new_page()


@pytest.fixture
def cluster(page: Page, machines: Machines) -> Callable[..., Page]:
    """Opens the Cluster page and waits until the fleet is there and live."""

    def opened(query: str = "") -> Page:
        page.goto(f"/operations/cluster{query}")
        # Not by its role: a dialog that the address opens hides all else from roles.
        expect(page.locator("[role=status]", has_text="Live")).to_be_visible(timeout=30_000)
        page.locator("[data-node], canvas[role=img], h2:text('No ')").first.wait_for()
        return page

    return opened
