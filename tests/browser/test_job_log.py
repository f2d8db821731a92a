"""The log of a job: it follows and lets go, joins late without a gap, links to lines, and shows text as text."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.themes import THEMES
from tests.browser.told_jobs import ToldJob
from tests.fleet import until
from tests.journeys.control_plane import ControlPlane

Tell = Callable[..., ToldJob]
TOP_AND_BOTTOM = "(log) => [log.scrollTop, log.scrollHeight - log.clientHeight - log.scrollTop]"


@pytest.fixture
def tell(plane: ControlPlane) -> Iterator[Tell]:
    """Makes running jobs; what a test leaves running is ended."""
    made: list[ToldJob] = []

    def new(**said: str) -> ToldJob:
        made.append(ToldJob(plane, **said))
        return made[-1]

    yield new
    for job in made:
        job.end("cancelled")


@pytest.fixture
def running(tell: Tell) -> ToldJob:
    """A job in its second step, with more lines than fit a screen."""
    job = tell(connect="succeeded", probe="running")
    job.say(*(f"line {number}" for number in range(1, 201)))
    return job


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def line(page: Page, number: int) -> Locator:
    return page.locator(f"[data-line='{number}']")


def from_bottom(page: Page) -> float:
    distance: float = log(page).evaluate(TOP_AND_BOTTOM)[1]
    return distance


def test_the_newest_line_stays_in_sight_while_nobody_reads(page: Page, running: ToldJob) -> None:
    page.goto(running.path)
    expect(line(page, 200)).to_be_in_viewport()
    running.say(*(f"more {number}" for number in range(50)))
    expect(line(page, 250)).to_be_in_viewport()
    assert from_bottom(page) < 5


@pytest.mark.parametrize("wish", ["wheel", "PageUp", "Home", "selection"])
def test_any_wish_to_read_ends_following_and_new_lines_are_counted(page: Page, running: ToldJob, wish: str) -> None:
    page.goto(running.path)
    expect(line(page, 200)).to_be_in_viewport()
    if wish == "wheel":
        log(page).hover()
        page.mouse.wheel(0, -400)
    elif wish == "selection":
        line(page, 199).locator("span").first.select_text()
    else:
        log(page).press(wish)
    expect(page.get_by_text("Not following")).to_be_visible()
    place = _resting_place(page)

    running.say(*(f"more {number}" for number in range(14)))

    expect(page.get_by_role("button", name="14 new lines")).to_be_visible()
    assert log(page).evaluate(TOP_AND_BOTTOM)[0] == place
    page.evaluate("getSelection().removeAllRanges()")
    page.get_by_role("button", name="14 new lines").click()
    expect(line(page, 214)).to_be_in_viewport()
    expect(page.get_by_text("Following", exact=True)).to_be_visible()


def test_following_comes_back_at_the_bottom(page: Page, running: ToldJob) -> None:
    page.goto(running.path)
    expect(line(page, 200)).to_be_in_viewport()
    log(page).hover()
    page.mouse.wheel(0, -300)
    expect(page.get_by_text("Not following")).to_be_visible()
    page.mouse.wheel(0, 600)
    expect(page.get_by_text("Following", exact=True)).to_be_visible()


def test_who_comes_late_sees_the_past_and_scrolls_back_to_its_beginning(page: Page, tell: Tell) -> None:
    job = tell(connect="succeeded", probe="running")
    job.say(*(f"line {number}" for number in range(1, 2501)))
    page.goto(job.path)
    expect(line(page, 2500)).to_be_in_viewport()
    log(page).press("Home")
    expect(page.get_by_text("Not following")).to_be_visible()
    until(lambda: _home(page) and line(page, 1).count() == 1, 20)
    expect(line(page, 1)).to_be_in_viewport()
    assert _numbers(page) == list(range(1, len(_numbers(page)) + 1))


def test_a_lost_connection_costs_no_line_and_doubles_none(page: Page, running: ToldJob, plane: ControlPlane) -> None:
    page.goto(running.path)
    expect(line(page, 200)).to_be_in_viewport()
    plane.kill("web")
    try:
        running.say("said meanwhile", "and this")
        expect(page.get_by_text("Reconnecting").first).to_be_visible()
    finally:
        plane.start_web("web")
    expect(line(page, 202)).to_be_visible(timeout=30_000)
    assert _numbers(page) == sorted(set(_numbers(page)))


def test_a_link_to_lines_brings_them_and_marks_them(page: Page, tell: Tell) -> None:
    job = tell(connect="succeeded", probe="running")
    job.say(*(f"line {number}" for number in range(1, 3001)))
    page.goto(f"{job.path}#L12-L20")
    expect(line(page, 12)).to_be_in_viewport()
    for number, marked in ((11, 0), (12, 1), (20, 1), (21, 0)):
        expect(page.locator(f"[data-line='{number}'][aria-current=true]")).to_have_count(marked)
    line(page, 14).get_by_role("link").click()
    line(page, 16).get_by_role("link").click(modifiers=["Shift"])
    assert page.url.endswith("#L14-L16")
    expect(page.locator("[aria-current=true][data-line]")).to_have_count(3)


def test_linked_lines_near_the_end_stay_in_sight(page: Page, running: ToldJob) -> None:
    page.goto(f"{running.path}#L199")
    expect(line(page, 199)).to_be_in_viewport()
    running.say(*(f"more {number}" for number in range(100)))
    expect(page.get_by_role("button", name="new lines")).to_be_visible()
    expect(line(page, 199)).to_be_in_viewport()


def test_output_of_a_machine_is_only_ever_text(page: Page, tell: Tell) -> None:
    job = tell(connect="succeeded", probe="running")
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    job.say(evil, "\x1b[31mred\x1b[0m and \x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07", "x" * 4000)
    job.step("probe", "running", evil)
    page.goto(job.path)
    expect(line(page, 1)).to_contain_text(evil)
    expect(line(page, 2)).to_contain_text("red and link")
    assert log(page).locator("img, script").count() == 0
    assert page.title() != "owned"
    page.get_by_role("button", name="Wrap long lines").click()
    expect(line(page, 3)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_failed_step_opens_itself_at_its_first_error(page: Page, tell: Tell) -> None:
    job = tell(connect="succeeded", probe="failed", start="skipped")
    job.say(*(f"line {number}" for number in range(1, 300)), "error: no space left", *("after" for _ in range(100)))
    job.step("probe", "failed", "The disk is full")
    job.end("failed", "The disk is full", "Free some space on the machine, then retry", dropped=3)
    page.goto(job.path)
    expect(page.get_by_role("alert")).to_contain_text("Free some space")
    expect(line(page, 300)).to_be_in_viewport()
    expect(page.get_by_text("3 lines were dropped beyond 1 MB.")).to_have_count(1)


def test_find_goes_from_one_to_the_next_and_errors_stand_alone(page: Page, running: ToldJob) -> None:
    running.say("warning: little memory", "fatal: nothing works")
    page.goto(running.path)
    expect(line(page, 202)).to_be_in_viewport()
    page.keyboard.press("Control+f")
    page.keyboard.type("line 5")
    expect(page.get_by_role("status").filter(has_text=re.compile("^11$"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(line(page, 5)).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="2 of 11")).to_be_visible()
    expect(line(page, 50)).to_be_in_viewport()
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Errors only").click()
    expect(page.locator("[data-line]")).to_have_count(1)
    expect(line(page, 202)).to_be_visible()


def test_find_and_errors_see_lines_that_the_page_does_not_hold(page: Page, tell: Tell) -> None:
    job = tell(connect="succeeded", probe="running")
    odd = {7: "error: early", 12: "\x1b[31mnee\x1b[0mdle", 2990: "a NEEDLE again"}
    job.say(*(odd.get(number, f"line {number}") for number in range(1, 3001)))
    page.goto(job.path)
    expect(line(page, 3000)).to_be_in_viewport()
    count = page.get_by_role("region", name="Log").get_by_role("status")
    page.get_by_label("Find in log").fill("needle")
    expect(count.filter(has_text=re.compile("^2$"))).to_be_visible()
    for number, said in ((12, "1 of 2"), (2990, "2 of 2"), (12, "1 of 2")):
        page.get_by_label("Find in log").press("Enter")
        expect(line(page, number)).to_be_in_viewport()
        expect(count.filter(has_text=said)).to_be_visible()
    job.say("one more needle")
    expect(count.filter(has_text="1 of 3")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Errors only").click()
    expect(page.locator("[data-line]")).to_have_count(1)
    expect(line(page, 7)).to_be_visible()
    with page.expect_download() as waited:
        page.get_by_role("button", name="Download log").click()
    assert "error: early" in waited.value.path().read_text().splitlines()[0]


def test_all_of_a_log_is_downloaded(page: Page, tell: Tell) -> None:
    job = tell(probe="running")
    job.say(*(f"line {number}" for number in range(1, 6001)))
    page.goto(job.path)
    with page.expect_download() as waited:
        page.get_by_role("button", name="Download log").click()
    text = waited.value.path().read_text().splitlines()
    assert (len(text), text[-1].endswith("line 6000")) == (6000, True)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_jobs(page: Page, tell: Tell, theme: str) -> None:
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    job = tell(connect="succeeded", probe="running")
    job.say("warning: little", "error: none", "$ command", "\x1b[32mgreen\x1b[35m magenta\x1b[2m faint")
    page.goto(f"{job.path}#L2")
    expect(line(page, 4)).to_be_visible()
    page.get_by_label("Find in log").fill("e")
    assert violations(page) == []
    page.goto("/operations/deployments")
    expect(page.get_by_role("table", name="Jobs")).to_be_visible()
    assert violations(page) == []


def _numbers(page: Page) -> list[int]:
    found: list[int] = page.locator("[data-line]").evaluate_all("(all) => all.map((one) => +one.dataset.line)")
    return found


def _home(page: Page) -> bool:
    log(page).evaluate("(log) => log.scrollTo(0, 0)")
    page.wait_for_timeout(100)  # gives the page a turn to fetch and draw
    return True


def _resting_place(page: Page) -> float:
    """How far the log is scrolled once no movement is under way any more."""
    places: list[float] = []

    def at_rest() -> bool:
        places.append(log(page).evaluate(TOP_AND_BOTTOM)[0])
        page.wait_for_timeout(60)
        return len(places) > 3 and len(set(places[-4:])) == 1

    until(at_rest)
    return places[-1]
