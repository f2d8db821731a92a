"""Signing in and out: by link, by password, with a code, and back to where one was."""

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.access.office import PASSWORD, Office


def set_password(page: Page) -> None:
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page).to_have_url(re.compile("/operations/cluster$"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def account_menu(page: Page, item: str) -> None:
    page.get_by_role("button", name="your account").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def test_a_link_signs_in_once_and_leaves_the_address_at_once(stranger: Page, office: Office) -> None:
    name, link = office.invite("viewer")
    stranger.goto(link)
    expect(stranger.get_by_role("heading", level=1)).to_have_text(f"Welcome, {name}")
    assert "msl_" not in stranger.url
    assert "msl_" not in str(stranger.evaluate("JSON.stringify(history.state) + document.body.innerHTML"))
    stranger.goto("/operations/events")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Events")
    stranger.goto(link)
    expect(stranger.get_by_role("alert")).to_contain_text("This link was used already or has expired")
    assert "msl_" not in stranger.url


def test_a_password_leads_back_to_where_one_was(stranger: Page, office: Office) -> None:
    name, link = office.invite("viewer")
    stranger.goto(link)
    set_password(stranger)
    account_menu(stranger, "Sign out")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Sign in")
    stranger.goto("/operations/agents?q=state:crash")
    expect(stranger.get_by_label("Name")).to_be_focused()
    sign_in(stranger, name, "not this one at all")
    expect(stranger.get_by_role("alert")).to_have_text("The name, the password or the code is wrong")
    sign_in(stranger, name)
    expect(stranger).to_have_url(re.compile(r"/operations/agents\?q=state:crash$"))


def test_a_session_that_ended_says_so_and_goes_on_after_the_sign_in(stranger: Page, office: Office) -> None:
    name, link = office.invite("viewer")
    stranger.goto(link)
    set_password(stranger)
    stranger.goto("/operations/events")
    stranger.get_by_role("status").filter(has_text="Live").wait_for()
    office.allow(name, disabled=True)
    expect(stranger.get_by_text("You were signed out")).to_be_visible(timeout=20_000)
    office.allow(name, disabled=False)
    sign_in(stranger, name)
    expect(stranger).to_have_url(re.compile("/operations/events$"))
    expect(stranger.get_by_role("status").filter(has_text="Live")).to_be_visible()


@pytest.mark.browser
def test_signing_out_in_one_tab_signs_all_tabs_out(stranger: Page, office: Office) -> None:
    stranger.goto(office.invite("viewer")[1])
    stranger.get_by_role("button", name="Later").click()
    other = stranger.context.new_page()
    other.goto("/operations/events")
    expect(other.get_by_role("status").filter(has_text="Live")).to_be_visible()
    account_menu(stranger, "Sign out")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.browser
def test_too_many_tries_count_down(stranger: Page) -> None:
    stranger.goto("/sign-in")
    sign_in(stranger, "nobody-at-all", "wrong")
    for _ in range(6):
        if stranger.get_by_text("Too many tries").count():
            break
        expect(stranger.get_by_role("button", name="Sign in")).to_be_enabled()
        stranger.keyboard.press("Enter")
        stranger.get_by_role("alert").wait_for()
    expect(stranger.get_by_role("alert")).to_contain_text(re.compile(r"Too many tries\. Try again in \d+ s\."))
    expect(stranger.get_by_role("button", name="Sign in")).to_be_disabled()


@pytest.mark.browser
def test_an_authenticator_app_is_set_up_and_then_asked_for(stranger: Page, office: Office) -> None:
    name, link = office.invite("viewer")
    stranger.goto(link)
    set_password(stranger)
    account_menu(stranger, "Account…")
    dialog = stranger.get_by_role("dialog", name="Account")
    dialog.get_by_role("button", name="Set up").click()
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
    app = pyotp.TOTP(dialog.locator("[data-secret]").inner_text().replace(" ", ""))
    dialog.get_by_role("textbox", name="Code").fill(app.now())
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog.get_by_role("button", name="Switch off")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    account_menu(stranger, "Sign out")
    sign_in(stranger, name)
    expect(stranger.get_by_label("Code of your authenticator app")).to_be_focused()
    expect(stranger.get_by_role("alert")).to_have_count(0)
    stranger.keyboard.type("000000")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("alert")).to_have_text("The name, the password or the code is wrong")


@pytest.mark.browser
def test_a_way_back_to_another_site_is_not_taken(stranger: Page, office: Office) -> None:
    link = office.invite("viewer")[1]
    stranger.goto(link.replace("#", "?next=//example.org/#"))
    stranger.get_by_role("button", name="Later").click()
    expect(stranger).to_have_url(re.compile("/operations/cluster$"))


@pytest.mark.browser
def test_the_account_dialog_asks_before_it_discards_and_gives_the_focus_back(stranger: Page, office: Office) -> None:
    _, link = office.invite("viewer")
    stranger.goto(link)
    set_password(stranger)
    account_menu(stranger, "Account…")
    dialog = stranger.get_by_role("dialog", name="Account")
    dialog.get_by_label("New password", exact=True).fill("half a sent")
    stranger.keyboard.press("Escape")
    expect(dialog.get_by_role("button", name="Go on typing")).to_be_focused()
    stranger.keyboard.press("Enter")
    expect(dialog.get_by_label("New password", exact=True)).to_have_value("half a sent")
    stranger.keyboard.press("Escape")
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog).to_have_count(0)
    expect(stranger.get_by_role("button", name="your account")).to_be_focused()
