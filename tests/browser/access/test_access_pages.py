"""Access: users, tokens, refusals, audit log; what each role may do, and what is shown once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.access.office import Office
from tests.browser.axe import violations
from tests.browser.routes import ACCESS

SignedIn = Callable[..., Page]
PATHS = (*ACCESS, "/access/tokens?kind=api")
TRAP = "<img src=x onerror=alert(1)>"
POST = """
async ([path, body]) => {
  const { csrfToken } = await (await fetch("/api/session")).json();
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrfToken };
  return (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).status;
}
"""


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def test_a_viewer_sees_what_is_there_and_cannot_act(signed_in: SignedIn, office: Office) -> None:
    office.register("looked-at")
    page = signed_in("viewer", "/operations/cluster/looked-at")
    for name in ("Ping", "Restart agents", "Remove"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()
    expect(page.get_by_role("button", name="Remove")).to_have_attribute("title", "This needs the operator role")
    for path, role in (("/access/users", "admin"), ("/access/tokens", "operator"), ("/access/audit", "admin")):
        page.goto(path)
        expect(page.get_by_role("heading", name=f"This needs the {role} role")).to_be_visible()
    assert page.evaluate(POST, ["/api/join-tokens", {}]) == 403
    assert page.evaluate(POST, ["/api/users", {"name": "eve", "role": "admin"}]) == 403


def test_an_operator_sees_the_waiting_room_and_cannot_open_it(signed_in: SignedIn) -> None:
    page = signed_in("operator", "/access/refusals")
    expect(page.get_by_role("button", name="Open for 30 min")).to_be_disabled()
    expect(page.get_by_role("link", name="Users")).to_have_attribute("title", "This needs the admin role")


@pytest.mark.browser
def test_an_api_token_is_shown_once_and_counts_until_it_is_revoked(signed_in: SignedIn, office: Office) -> None:
    page = signed_in("operator", "/access/tokens?kind=api")
    page.get_by_role("button", name="New API token").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("option")).to_have_text(
        ["Viewer", "Operator", "7 days", "30 days", "90 days", "365 days"]
    )
    dialog.get_by_label("Name").fill("nightly")
    dialog.get_by_role("button", name="Make token").click()
    secret = dialog.locator("[data-secret]").inner_text()
    assert secret.startswith("mst_")
    assert office.status("/api/engine/cluster/nodes", secret) == 200
    page.mouse.click(5, 5)
    expect(dialog.locator("[data-secret]")).to_be_visible()
    dialog.get_by_role("button", name="Done").click()
    expect(row(page, "nightly")).to_be_visible()
    assert secret not in page.content() + page.url
    row(page, "nightly").get_by_role("button", name="Revoke nightly").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row(page, "nightly")).to_contain_text("revoked")
    assert office.status("/api/engine/cluster/nodes", secret) == 401


@pytest.mark.browser
def test_a_join_token_lets_in_as_many_as_it_says_until_it_is_revoked(signed_in: SignedIn, office: Office) -> None:
    page = signed_in("operator", "/access/tokens")
    page.get_by_role("button", name="New join token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Node id, or a pattern").fill("rack-*")
    dialog.get_by_label("Machines").fill("2")
    dialog.get_by_label("Note").fill("Rack 3")
    dialog.get_by_role("button", name="Make token").click()
    secret = dialog.get_by_role("region", name="Join token").locator("[data-secret]").inner_text()
    expect(dialog.get_by_role("region", name="Command")).to_contain_text(secret)
    dialog.get_by_role("button", name="Done").click()
    expect(row(page, "Rack 3")).to_contain_text(re.compile("2 of 2.*in 1[45]:"))
    assert secret not in page.content() + page.url
    assert office.join("rack-1", secret)[0] == 200
    page.reload()
    expect(row(page, "Rack 3")).to_contain_text("rack-1")
    row(page, "Rack 3").get_by_role("button", name="Revoke Rack 3").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row(page, "Rack 3")).to_contain_text("revoked")
    assert office.join("rack-2", secret)[1]["cause"] == "revoked"


@pytest.mark.browser
def test_a_machine_that_knocks_is_let_in_and_its_name_stays_text(signed_in: SignedIn, office: Office) -> None:
    page = signed_in("admin", "/access/refusals")
    page.get_by_role("button", name="Open for 30 min").click()
    expect(page.get_by_text("nobody waits")).to_be_visible()
    code = office.join("stranger-1", "", name=TRAP)[1]["refusal"]
    waiting = page.get_by_role("list", name="Machines that wait").get_by_role("listitem")
    expect(waiting).to_contain_text(code)
    expect(waiting).to_contain_text(f"calls itself {TRAP}")
    assert page.locator("main img").count() == 0
    expect(row(page, code)).to_contain_text("This join token is not known here", timeout=15_000)
    page.get_by_role("button", name="Let in stranger-1").click()
    expect(waiting).to_have_count(0)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Closed:")).to_be_visible()


@pytest.mark.browser
def test_an_admin_adds_disables_and_deletes_a_user(signed_in: SignedIn, office: Office) -> None:
    page = signed_in("admin", "/access/users")
    page.get_by_role("button", name="Add user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("mara@example.org")
    dialog.get_by_label("Role").select_option("operator")
    dialog.get_by_role("button", name="Add user").click()
    link = dialog.locator("[data-secret]").inner_text()
    assert link.startswith(f"{office.plane.url()}/sign-in#msl_")
    dialog.get_by_role("button", name="Done").click()
    expect(row(page, "mara@example.org")).to_contain_text("link only")
    assert link not in page.content()
    expect(row(page, "you").get_by_role("button")).to_be_disabled()

    def act(item: str) -> None:
        page.get_by_role("button", name="Actions for mara@example.org").click()
        page.get_by_role("menuitem", name=item).click()

    act("Disable…")
    dialog.get_by_role("button", name="Disable").click()
    expect(row(page, "mara@example.org")).to_contain_text("disabled")
    act("Delete user…")
    expect(dialog.get_by_role("button", name="Delete user")).to_be_disabled()
    dialog.get_by_label("Type mara@example.org to confirm").fill("mara@example.org")
    dialog.get_by_role("button", name="Delete user").click()
    expect(row(page, "mara@example.org")).to_have_count(0)


@pytest.mark.browser
def test_the_audit_log_tells_each_action_and_each_refusal(signed_in: SignedIn, office: Office) -> None:
    office.register("audited")
    token = office.ask("POST", "/api/join-tokens", {"namePattern": "audited-*"})
    office.ask("DELETE", f"/api/join-tokens/{token['id']}")
    office.join("audited-1", token["secret"])
    page = signed_in("admin", "/access/audit?q=audited")
    expect(row(page, "Register a node")).to_contain_text("done")
    expect(row(page, "Register a node").get_by_role("link", name="audited")).to_be_visible()
    expect(row(page, "audited-1")).to_contain_text("refused")
    expect(row(page, "audited-1").locator("svg")).to_have_count(1)
    page.get_by_label("Search the audit log").fill(token["id"])
    expect(row(page, "Make a join token")).to_contain_text("name pattern audited-*")
    expect(row(page, "Revoke a join token")).to_be_visible()


@pytest.mark.browser
def test_a_line_to_run_says_who_was_turned_away_and_its_token_lets_in_until_it_is_revoked(
    signed_in: SignedIn, office: Office
) -> None:
    page = signed_in("operator", "/operations/cluster?add=script")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Node name").fill("GPU Rig 07")
    dialog.get_by_role("button", name="Make the line").click()
    line = dialog.locator("[data-secret]").inner_text()
    expect(dialog.get_by_role("status")).to_have_text("Waiting for gpu-rig-07 …")
    code = office.join("gpu-rig-07", "")[1]["refusal"]
    expect(dialog.get_by_role("alert")).to_contain_text(f"It came and was turned away ({code}).")
    [token] = re.findall(r"mjt_[\w-]+", line)
    assert office.join("gpu-rig-07", token)[0] == 200
    office.register("gpu-rig-07")
    page.goto("/operations/cluster/gpu-rig-07/credentials")
    expect(row(page, "Joined with a token")).to_be_visible()
    page.get_by_role("button", name="Revoke all…").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke all").click()
    expect(row(page, "Joined with a token")).to_contain_text("revoked")


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_the_pages_about_access(signed_in: SignedIn, office: Office, theme: str) -> None:
    office.join("stranger-2", "")
    office.ask("POST", "/api/join-tokens", {"namePattern": "gpu-*", "capabilities": ["gpu"]})
    page = signed_in("admin")
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    for path in PATHS:
        page.goto(path)
        page.get_by_role("table").wait_for()
        assert violations(page) == [], path
    token = office.ask("POST", "/api/join-tokens", {"namePattern": "axe-*"})
    assert office.join(f"axe-{theme}", token["secret"])[0] == 200
    office.register(f"axe-{theme}")
    page.goto(f"/operations/cluster/axe-{theme}/credentials")
    page.get_by_role("table").wait_for()
    assert violations(page) == []
    page.context.clear_cookies()
    page.goto("/sign-in")
    expect(page.get_by_label("Name")).to_be_focused()
    assert violations(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 320])
def test_the_pages_about_access_fit_a_phone(signed_in: SignedIn, office: Office, width: int) -> None:
    office.join("a-machine-with-a-name-that-is-much-longer-than-a-phone-is-wide", "")
    office.ask("POST", "/api/join-tokens", {"namePattern": "a-node-with-a-name-much-longer-than-a-phone-*"})
    page = signed_in("admin")
    page.set_viewport_size({"width": width, "height": 844})
    for path in PATHS:
        page.goto(path)
        page.get_by_role("table").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.context.clear_cookies()
    page.goto("/sign-in?ended=1")
    expect(page.get_by_label("Name")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_a_viewer_may_choose_nodes_and_not_act_on_them(signed_in: SignedIn, office: Office) -> None:
    office.register("bulk-1")
    page = signed_in("viewer", "/operations/cluster?q=id:bulk-1")
    page.get_by_role("checkbox", name="Select bulk-1").click()
    remove = page.get_by_role("region", name="Selected nodes").get_by_role("button", name="Remove…")
    expect(remove).to_be_disabled()
    expect(remove).to_have_attribute("title", "This needs the operator role")
