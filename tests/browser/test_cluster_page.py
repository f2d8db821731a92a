"""Operations > Cluster: what is seen is what the control plane knows, while it happens."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.machines import Machines
from tests.browser.seen import node
from tests.fleet import until

Cluster = Callable[..., Page]
HOT = {"cpuUsage": 0.5, "issues": [{"code": "disk", "message": "Disk of /var is failing"}]}


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=node(page, name))


def stat(page: Page, title: str) -> Locator:
    return page.get_by_label("Totals of the fleet").locator("div", has=page.get_by_text(title, exact=True)).locator("b")


def names(page: Page) -> list[str]:
    return page.locator("[data-node]").all_inner_texts()


def test_the_navigation_leads_to_the_cluster(page: Page, machines: Machines) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Cluster").click()
    expect(page).to_have_url(re.compile("/operations/cluster$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Cluster")
    expect(page).to_have_title("Cluster · Muster")


def test_the_five_totals_are_those_of_the_api(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1", beat={"agents": ["x", "y"]}, cpuCount=16, memoryMb=32768)
    machines.add("a-2", beat={"agents": ["y"]})
    machines.add("a-3", alive=False, memoryMb=65536)
    until(lambda: machines.plane.status_of("a-3")[0] == "offline")
    page = cluster()
    told = machines.plane.get("/nodes")[1]["stats"]
    assert [told[key] for key in ("totalNodes", "onlineNodes", "totalAgents", "totalCpus")] == [3, 2, 2, 24]
    for title, figure in (
        ("Total nodes", "3"),
        ("Online", "2"),
        ("Running agents", "2"),
        ("CPUs", "24"),
        ("Memory", "48 GB"),
    ):
        expect(stat(page, title)).to_have_text(figure)


def test_each_status_has_its_word_its_shape_and_its_reason(cluster: Cluster, machines: Machines) -> None:
    machines.add("well")
    machines.add("sick", beat=HOT)
    machines.add("gone", alive=False)
    page = cluster()
    shapes = {"well": "circle[fill=currentColor]", "sick": "path", "gone": "circle[fill=none]"}
    for name, word in (("well", "Online"), ("sick", "Degraded"), ("gone", "Offline")):
        expect(card(page, name).get_by_text(word, exact=True)).to_be_visible()
        expect(card(page, name).locator(f"svg[viewBox='0 0 12 12'] {shapes[name]}")).to_have_count(1)
    expect(card(page, "sick")).to_contain_text("Disk of /var is failing for")
    expect(card(page, "gone")).to_contain_text("No heartbeat for")
    assert names(page)[:3] == ["gone", "sick", "well"], "worst first"


def test_a_heartbeat_changes_card_and_totals_without_a_reload(cluster: Cluster, machines: Machines) -> None:
    machines.add("live")
    page = cluster()
    expect(card(page, "live").get_by_role("meter", name="CPU")).to_have_attribute("aria-valuenow", "25")
    machines.change("live", cpuUsage=0.93, agents=["new-agent"])
    expect(card(page, "live").get_by_role("meter", name="CPU")).to_have_attribute("aria-valuenow", "93")
    expect(stat(page, "Running agents")).to_have_text("1")


def test_silence_is_seen_and_so_is_the_return(cluster: Cluster, machines: Machines) -> None:
    machines.add("stays")
    machines.add("wavers")
    page = cluster()
    del machines.alive["wavers"]
    expect(card(page, "wavers").get_by_text("Offline")).to_be_visible()
    expect(page.get_by_label("Needs attention")).to_contain_text("1 node needs attention")
    expect(page).to_have_title("(1) Cluster · Muster")
    icon = page.locator("link[rel=icon]")
    expect(icon).to_have_attribute("href", re.compile("^data:image/png"))
    machines.change("wavers")
    expect(card(page, "wavers").get_by_text("Online")).to_be_visible()
    expect(page.get_by_label("Needs attention")).to_have_count(0)
    expect(icon).to_have_attribute("href", "/favicon.svg")


def test_a_node_that_joins_or_is_removed_is_seen_at_once(cluster: Cluster, machines: Machines) -> None:
    page = cluster()
    expect(page.get_by_role("heading", name="No worker nodes yet")).to_be_visible()
    machines.add("fresh", alive=False)
    expect(card(page, "fresh")).to_be_visible()
    machines.plane.delete("/nodes/fresh")
    expect(page.get_by_role("heading", name="No worker nodes yet")).to_be_visible()


def test_a_typed_filter_narrows_and_its_link_shows_the_same(cluster: Cluster, machines: Machines) -> None:
    machines.add("gpu-1", capabilities=["gpu"], platform="linux")
    machines.add("gpu-2", capabilities=["gpu"], platform="darwin")
    machines.add("plain")
    page = cluster()
    page.keyboard.press("/")
    page.keyboard.type("cap:gpu")
    expect(page.locator("[data-node]")).to_have_count(2)
    page.keyboard.press("Enter")
    page.keyboard.type("-platform:darwin")
    page.keyboard.press("Enter")
    expect(page.locator("[data-node]")).to_have_text(["gpu-1"])
    assert "q=cap:gpu+-platform:darwin" in page.url
    page.reload()
    expect(page.locator("[data-node]")).to_have_text(["gpu-1"])
    page.get_by_role("button", name="Remove the filter cap:gpu").click()
    expect(page.locator("[data-node]")).to_have_count(2)


def test_the_first_click_after_typing_a_filter_does_what_it_is_for(cluster: Cluster, machines: Machines) -> None:
    machines.add("studio-1")
    machines.add("other")
    page = cluster("?view=cards")
    page.get_by_role("combobox", name="Filter nodes").fill("studio-")
    expect(page.locator("[data-node]")).to_have_count(1)
    page.get_by_role("link", name="studio-1").first.click()
    expect(page).to_have_url(re.compile("/operations/cluster/studio-1$"))
    page.go_back()
    expect(page.get_by_role("button", name="Remove the filter studio-")).to_be_visible()


def test_completion_offers_what_the_fleet_has(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1", capabilities=["voice"])
    machines.add("a-2")
    page = cluster()
    page.get_by_role("combobox", name="Filter nodes").fill("cap:")
    page.get_by_role("option", name="cap:voice").click()
    expect(page.locator("[data-node]")).to_have_text(["a-1"])
    expect(page.get_by_role("button", name="Remove the filter cap:voice")).to_be_visible()


def test_a_filter_that_cannot_be_read_is_named_and_hides_nothing(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1")
    page = cluster()
    page.get_by_role("combobox", name="Filter nodes").fill("colour:red")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text('"colour:red" has no key that we know')
    expect(page.locator("[data-node]")).to_have_text(["a-1"])


def test_facets_count_and_choose(cluster: Cluster, machines: Machines) -> None:
    machines.add("well")
    machines.add("sick", beat=HOT)
    page = cluster()
    page.get_by_role("button", name="Show only these").click()
    expect(page.locator("[data-node]")).to_have_text(["sick"])
    expect(page.get_by_role("button", name="Degraded 1")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Degraded 1").click()
    page.get_by_role("button", name="Offline 0").click()
    expect(page.locator("[data-node]")).to_have_count(2)


def test_where_nothing_matches_the_way_out_is_one_click(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1")
    page = cluster("?q=nowhere")
    expect(page.get_by_role("heading", name="No node matches")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator("[data-node]")).to_have_text(["a-1"])


def test_the_order_is_held_under_the_pointer(cluster: Cluster, machines: Machines) -> None:
    for name in ("a-1", "a-2", "a-3"):
        machines.add(name)
    page = cluster()
    card(page, "a-1").hover()
    machines.change("a-3", **HOT)
    expect(card(page, "a-3").get_by_text("Degraded")).to_be_visible()
    expect(page.get_by_text("Order paused")).to_be_visible()
    assert names(page) == ["a-1", "a-2", "a-3"]
    page.mouse.move(2, 2)
    expect(page.locator("[data-node]")).to_have_text(["a-3", "a-1", "a-2"])


@pytest.mark.parametrize(
    ("heading", "first"), [("Node", "a-1"), ("CPU", "a-2"), ("Memory", "a-1"), ("Agents", "a-3"), ("Last seen", None)]
)
def test_the_table_sorts_by_each_column(cluster: Cluster, machines: Machines, heading: str, first: str | None) -> None:
    machines.add("a-1", beat={"memoryUsage": 0.9})
    machines.add("a-2", beat={"cpuUsage": 0.8})
    machines.add("a-3", beat={"agents": ["x"]})
    page = cluster("?view=table")
    page.get_by_role("columnheader", name=heading).get_by_role("button").click()
    expect(page.get_by_role("columnheader", name=heading)).to_have_attribute(
        "aria-sort", ("ascending", "descending")[heading != "Node"]
    )
    if first:
        expect(page.locator("[data-node]").first).to_have_text(first)


def test_the_chosen_view_is_remembered(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1")
    page = cluster()
    page.get_by_role("radio", name="Table").click()
    expect(page.get_by_role("table", name="Nodes")).to_be_visible()
    page.goto("/operations/cluster")
    expect(page.get_by_role("table", name="Nodes")).to_be_visible()


def test_the_columns_are_chosen_by_keyboard_and_remembered(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1")
    page = cluster("?view=table")
    page.get_by_role("button", name="Choose columns").press("Enter")
    dialog = page.get_by_role("dialog", name="Columns")
    dialog.get_by_role("checkbox", name="Platform").press("Space")
    move = dialog.get_by_role("button", name="Move Last seen up")
    for _ in range(5):
        move.press("Enter")
        expect(move).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    for _ in ("now", "after a reload"):
        headings = page.get_by_role("columnheader")
        chosen = ["Last seen", "CPU", "Memory", "Agents", "Capabilities", "Actions"]
        expect(headings).to_have_text(["Status", "Node", *chosen])
        assert page.get_by_role("row").nth(1).get_by_role("cell").count() == 8
        page.reload()


def test_keys_alone_move_through_the_list_and_open_a_node(cluster: Cluster, machines: Machines) -> None:
    machines.add("a-1")
    machines.add("a-2")
    page = cluster()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(node(page, "a-2")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/operations/cluster/a-1$"))
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/operations/cluster$"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Next node")


def test_the_palette_jumps_to_a_node(cluster: Cluster, machines: Machines) -> None:
    machines.add("far-away")
    page = cluster()
    expect(card(page, "far-away")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("far")
    expect(page.get_by_role("option", name="far-away")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/operations/cluster/far-away$"))


def test_removing_asks_for_the_name(cluster: Cluster, machines: Machines) -> None:
    machines.add("doomed", alive=False)
    page = cluster()
    page.get_by_role("button", name="Actions for doomed").click()
    page.get_by_role("menuitem", name="Remove node").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Remove node")).to_be_disabled()
    dialog.get_by_label("Type doomed to confirm").fill("doomed")
    dialog.get_by_role("button", name="Remove node").click()
    expect(page.get_by_role("heading", name="No worker nodes yet")).to_be_visible()
    assert machines.plane.get("/nodes/doomed")[0] == 404


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("view", ["cards", "table", "map"])
def test_a_phone_never_scrolls_sideways(
    cluster: Cluster, machines: Machines, page: Page, width: int, view: str
) -> None:
    machines.add(
        "a-node-with-a-name-that-is-much-longer-than-a-phone-is-wide-01", beat=HOT, capabilities=list("abcdefgh")
    )
    machines.add("a-2", alive=False)
    page.set_viewport_size({"width": width, "height": 844})
    cluster(f"?view={view}&q=-name:nothing")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_text_from_nodes_is_only_ever_text(cluster: Cluster, machines: Machines) -> None:
    trap = "<img src=x onerror=alert(1)>"
    machines.add("trap", name=trap, version=trap, beat={"issues": [{"code": "disk", "message": trap}]})
    for view in ("cards", "table", "map"):
        page = cluster(f"?view={view}")
        expect(page.get_by_label("Needs attention").get_by_text(trap)).to_be_visible()
        assert page.locator("main img:not([role])").count() == 0
