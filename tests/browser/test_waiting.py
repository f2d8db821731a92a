"""Agents that wait for a person, with a real daemon: counted, listed, answered by keyboard; the answer arrives."""

import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.daemons import Daemons
from tests.fleet import until

ASKS = """
import json, os, sys, time, urllib.request
url, question = os.environ["MUSTER_AGENT_URL"], sys.argv[1]
def say(**words):
    urllib.request.urlopen(urllib.request.Request(url + "/state", json.dumps(words).encode()))
say(state="waiting", question=question, link="https://example.org/" + question[:3])
while not (answer := json.load(urllib.request.urlopen(url + "/answer"))["answer"]):
    time.sleep(0.2)
say(progress="was told " + answer, percent=40)
say(state="working")
time.sleep(600)
"""

pytestmark = pytest.mark.browser


def asking(question: str) -> list[str]:
    return [sys.executable, "-c", ASKS, question]


def test_questions_are_counted_and_answered_by_keyboard_and_the_agent_goes_on(page: Page, daemons: Daemons) -> None:
    daemons.start("one")
    for name, question in (("ada", "Delete the old <b>backups</b>?"), ("bob", "Which of both?")):
        daemons.register(name, command=asking(question))
        until(lambda: len(daemons.plane.get("/waiting")[1]["waiting"]) == (1 if name == "ada" else 2), 30)  # noqa: B023
    page.goto("/operations/cluster")
    expect(page.get_by_role("link", name="Waiting")).to_contain_text("2 waiting")
    page.keyboard.press("g")
    page.keyboard.press("w")
    questions = page.get_by_role("list", name="Questions").get_by_role("listitem")
    expect(questions).to_have_count(2)
    expect(questions.first).to_contain_text("Delete the old <b>backups</b>?")
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("Answer to ada").focus()
    page.keyboard.type("yes, all")
    page.keyboard.press("Enter")
    expect(questions).to_have_count(1)
    expect(page.get_by_label("Answer to bob")).to_be_focused()
    questions.get_by_role("button", name="Dismiss").press("Enter")
    expect(page.get_by_role("heading", name="No agent waits for a person")).to_be_visible()
    page.goto("/operations/agents/ada")
    expect(page.get_by_role("note").filter(has_text="was told yes, all")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("meter", name="Progress, 40%")).to_be_visible()
    assert violations(page) == []


def test_a_question_that_no_daemon_can_answer_says_so(page: Page, daemons: Daemons) -> None:
    asked = {"question": "Shall I?", "link": "javascript:alert(1)", "since": "2026-01-01T10:00:00.000Z"}
    daemons.machines.add("bare", beat={"agents": ["eve"], "agentDetails": [{"agentId": "eve", "waiting": asked}]})
    page.goto("/operations/waiting")
    expect(page.get_by_label("Answer to eve")).to_be_disabled()
    expect(page.get_by_role("list", name="Questions")).to_contain_text("no daemon that could pass an answer on")
    expect(page.get_by_role("list", name="Questions").get_by_role("link", name="javascript")).to_have_count(0)
