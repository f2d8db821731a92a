"""A control plane with sign-in on, and browsers in which people are signed in."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page

from config import Settings
from tests.browser.access.office import Office
from tests.browser.conftest import WIDE, own_plane
from tests.browser.watch import watch
from tests.browser.wire import Wire
from tests.journeys.control_plane import ControlPlane
from tests.kit.loopback import Loopback

# Each browser comes from an address of its own: sign-ins are limited per address.
SIGN_IN_ON = {"CLUSTER_AUTH": "on", "SECRET_KEY": "k" * 32, "TRUSTED_PROXIES": "127.0.0.1"}

_addresses = count(1)


@pytest.fixture(scope="session")
def guarded(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, loopback: Loopback | None
) -> Iterator[ControlPlane]:
    """One web process; nothing here needs Celery."""
    with own_plane(tmp_path_factory.mktemp("access"), settings, "access") as made:
        made.environment |= SIGN_IN_ON
        made.start_web("web")
        wire = Wire(made.address("web"), loopback)  # has its address where the browser is, if that is elsewhere
        yield made
        wire.close()


@pytest.fixture(scope="session")
def office(guarded: ControlPlane) -> Office:
    """The admin."""
    return Office(guarded)


@pytest.fixture
def stranger(browser: Browser, guarded: ControlPlane) -> Iterator[Page]:
    """A tab of a browser that knows nothing; what goes wrong in it fails the test."""
    headers = {"X-Forwarded-For": f"198.51.100.{next(_addresses)}"}
    context = browser.new_context(viewport=WIDE, base_url=guarded.url(), extra_http_headers=headers)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    faults = watch(context, guarded.url())
    yield context.new_page()
    context.close()
    assert faults == []


@pytest.fixture
def signed_in(stranger: Page, office: Office) -> Callable[..., Page]:
    """Opens a page as a new person of a role."""

    def opened(role: str, path: str = "/operations/cluster") -> Page:
        _, link = office.invite(role)
        stranger.goto(link)
        stranger.get_by_role("button", name="Later").click()
        stranger.get_by_role("status").filter(has_text="Live").wait_for()
        stranger.goto(path)
        stranger.get_by_role("heading", level=1).wait_for()
        return stranger

    return opened
