"""The pages of agents for somebody who may only look: all is there, and nothing can be done."""

import json
from collections.abc import Callable
from contextlib import closing

import psycopg2
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.access.office import Office
from tests.browser.axe import violations

SignedIn = Callable[..., Page]
NEEDED = "This needs the operator role"
AGENTS = "/api/engine/cluster/agents"
ASKED = {"question": "Delete the old backups?", "link": None, "since": "2026-11-24T15:04:30.000Z"}
REPORTS = {
    "ada": {"agentId": "ada", "name": "Ada", "state": "running", "pid": 41, "waiting": ASKED},
    "stranger": {"agentId": "stranger", "name": "Stranger", "state": "running", "pid": 42},
}
CALL = """
async ([method, path, body]) => {
  const { csrfToken } = await (await fetch("/api/session")).json();
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrfToken };
  return (await fetch(path, { method, headers, body: JSON.stringify(body) })).status;
}
"""
CALLS = [
    ("POST", AGENTS, {"agentId": "eve"}),
    ("PATCH", f"{AGENTS}/ada", {"name": "Eve"}),
    ("DELETE", f"{AGENTS}/ada", {}),
    ("POST", f"{AGENTS}/ada/restart", {}),
    ("POST", f"{AGENTS}/ada/logs", {}),
    ("POST", f"{AGENTS}/stranger/adopt", {}),
    ("POST", f"{AGENTS}/actions", {"action": "stop", "agentIds": ["ada"]}),
    ("POST", "/api/engine/cluster/nodes/mac-mini/drain", {}),
    ("PUT", "/api/engine/cluster/brake", {"scope": "all"}),
]


@pytest.fixture
def viewer(signed_in: SignedIn, office: Office) -> Callable[[str], Page]:
    """Opens a page as somebody who may only look at a fleet with two agents."""
    office.register("mac-mini", managed=True)
    with closing(psycopg2.connect(office.plane.dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cluster_nodes SET agent_reports = %s, last_heartbeat = now(), status = 'online', managed = true,"
            " assignments_seen = 0 WHERE node_id = 'mac-mini'",
            [json.dumps(REPORTS)],
        )
        cursor.execute(
            "INSERT INTO agents (agent_id, name, node_id, epoch) VALUES ('ada', 'Ada', 'mac-mini', 1)"
            " ON CONFLICT DO NOTHING"
        )
    return lambda path: signed_in("viewer", path)


def expect_forbidden(*buttons: Locator) -> None:
    for button in buttons:
        expect(button).to_be_disabled()
        expect(button).to_have_attribute("title", NEEDED)


@pytest.mark.browser
def test_a_viewer_sees_agents_their_questions_and_their_page_and_can_do_nothing(
    viewer: Callable[[str], Page],
) -> None:
    page = viewer("/operations/agents?register=1")
    rows = page.get_by_role("table", name="Agents").get_by_role("row")
    expect(rows.filter(has_text="Ada")).to_contain_text("running")
    expect(rows.filter(has_text="Stranger")).to_be_visible()
    expect_forbidden(page.get_by_role("button", name="Register agent"))
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert violations(page) == []

    page.goto("/operations/agents/ada")
    expect(page.get_by_role("note").filter(has_text="Delete the old backups?")).to_be_visible()
    expect_forbidden(*(page.get_by_role("button", name=name) for name in ("Stop", "Restart", "Move")))
    for key in ("s", "r", "m", "e"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="More actions").click()
    for name in ("Edit…", "Delete…"):
        expect(page.get_by_role("menuitem", name=name)).to_be_disabled()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Log").click()
    expect(page.get_by_role("tabpanel")).to_contain_text(NEEDED)

    page.goto("/operations/agents/stranger")
    expect_forbidden(page.get_by_role("button", name="Adopt"))

    page.goto("/operations/waiting")
    asked = page.get_by_role("list", name="Questions").get_by_role("listitem")
    expect(asked).to_contain_text("Delete the old backups?")
    expect(asked.get_by_label("Answer to Ada")).to_be_disabled()
    expect_forbidden(asked.get_by_role("button", name="Dismiss"))
    assert violations(page) == []

    assert {page.evaluate(CALL, list(call)) for call in CALLS} == {403}
