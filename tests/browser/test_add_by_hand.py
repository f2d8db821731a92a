"""Add worker node, Manual: the connection is tested in steps that are seen, then the node is there."""

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.machines import Machines
from tests.journeys.control_plane import free_port

Cluster = Callable[..., Page]


class Healthy(BaseHTTPRequestHandler):
    """A daemon's port, as far as a connection test looks."""

    def do_GET(self) -> None:
        body = b'{"ok": true, "version": "9.8.7"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def healthy_port() -> Iterator[int]:
    """A port where a daemon answers."""
    server = HTTPServer(("127.0.0.1", 0), Healthy)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def dialog(cluster: Cluster) -> Locator:
    """The open dialog."""
    page = cluster()
    page.get_by_role("button", name="Add worker node").click()
    return page.get_by_role("dialog", name="Add worker node")


def fill(dialog: Locator, host: str, port: int) -> None:
    dialog.get_by_label("Host or IP").fill(host)
    dialog.get_by_label("Port").fill(str(port))
    dialog.get_by_role("button", name="Test connection").click()


def step(dialog: Locator, name: str) -> Locator:
    return dialog.get_by_role("listitem").filter(has_text=name)


def test_a_good_address_gets_three_ticks_and_the_version(dialog: Locator, healthy_port: int) -> None:
    fill(dialog, "127.0.0.1", healthy_port)
    expect(dialog.get_by_role("status")).to_contain_text("version 9.8.7")
    for name in ("Find the address", "Open a connection", "Get an answer"):
        expect(step(dialog, name)).to_contain_text(" ms")
        expect(step(dialog, name)).not_to_contain_text("failed")


def test_a_refused_port_shows_which_step_failed(dialog: Locator) -> None:
    fill(dialog, "127.0.0.1", free_port())
    expect(dialog.get_by_role("status")).to_contain_text("refuses port")
    expect(step(dialog, "Open a connection")).to_contain_text("failed")
    expect(step(dialog, "Get an answer")).to_contain_text("not tried")


def test_a_machine_that_never_answers_is_told_as_such(dialog: Locator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        fill(dialog, "127.0.0.1", silent.getsockname()[1])
        expect(dialog.get_by_role("status")).to_contain_text("did not answer in time")
        expect(step(dialog, "Get an answer")).to_contain_text("failed")


@pytest.mark.browser
def test_an_added_node_waits_for_its_first_heartbeat(dialog: Locator, page: Page, machines: Machines) -> None:
    expect(dialog.get_by_label("Node name")).to_be_focused()
    page.keyboard.type("Office Mac mini")
    expect(dialog.get_by_label("Node ID")).to_have_value("office-mac-mini")
    dialog.get_by_label("Host or IP").fill("127.0.0.1")
    dialog.get_by_role("button", name="Add node").click()
    expect(page.get_by_role("link", name="Office Mac mini").first).to_be_visible()
    expect(page.get_by_text("Waiting for the first heartbeat")).to_be_visible()
    machines.beat("office-mac-mini")
    expect(page.get_by_text("Waiting for the first heartbeat")).to_have_count(0)


@pytest.mark.browser
def test_faults_stand_beside_their_fields(dialog: Locator) -> None:
    dialog.get_by_label("Port").fill("70000")
    dialog.get_by_role("button", name="Add node").click()
    expect(dialog.get_by_text("Type the machine's IP address or hostname")).to_be_visible()
    expect(dialog.get_by_label("Port")).to_have_attribute("aria-invalid", "true")


@pytest.mark.browser
def test_escape_closes_and_gives_the_focus_back(dialog: Locator, page: Page) -> None:
    expect(dialog.get_by_label("Node name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert "add=" not in page.url


@pytest.mark.browser
def test_a_node_is_added_by_keyboard_alone(cluster: Cluster, machines: Machines) -> None:
    """Quality 39."""
    page = cluster()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").get_by_label("Node name")).to_be_focused()
    page.keyboard.type("By Keys")
    page.keyboard.press("Tab")
    page.keyboard.type("127.0.0.1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="By Keys").first).to_be_visible()
    assert machines.plane.get("/nodes/by-keys")[0] == 200
