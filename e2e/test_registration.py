"""Somebody registers, by e-mail and by phone, with nothing but a bill at hand."""

import json
import re
import sqlite3
from contextlib import closing

import altcha
import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import SCREENS, Screen, Watch
from e2e.support.pages import check_axe, check_fits, screenshot
from e2e.support.server import Server

PASSWORD = "тихий паровоз клюква"
#: An account of Tyumen that nobody has linked yet; the code is printed on its bill.
FREE = """
SELECT number, bill_code FROM accounts WHERE region = 'tyumen' AND bill_code IS NOT NULL
AND id NOT IN (SELECT account_id FROM memberships) ORDER BY id LIMIT 1
"""
SCRIPTED = [screen for screen in SCREENS if screen.scripts]


def free_account(server: Server) -> tuple[str, str]:
    with closing(sqlite3.connect(server.folder / "tesweb.db")) as database:
        number, code = database.execute(FREE).fetchone()
    return str(number), str(code)


class Visit:
    """A person at the pages: each is looked at before it is left."""

    def __init__(self, page: Page, picture: str) -> None:
        self.page = page
        self.picture = picture

    def see(self, name: str) -> None:
        check_fits(self.page)
        check_axe(self.page)
        screenshot(self.page, f"{self.picture}-{name}")

    def go_on(self) -> None:
        self.page.locator("main form button:not([type=button]):visible").first.click()

    def fill_in(self, way: str, address: str) -> None:
        self.page.goto("/login")
        self.page.get_by_role("link", name="Зарегистрироваться", exact=True).click()
        self.see("start")
        self.page.locator(f"main a[href$='/register/{way}']").click()
        self.page.fill("#login", f"мария-{way}")
        self.page.fill("#password", PASSWORD)
        self.page.fill("#address", address)
        self.page.select_option("#place", "tyumen Тюмень")

    def prove(self, server: Server) -> None:
        number, code = free_account(server)
        self.see("consents")
        self.page.check("#personal_data")
        self.go_on()
        self.see("account")
        self.page.fill("#number", f"{number[:4]} {number[4:8]}-{number[8:]}")
        self.page.fill("#bill_code", code)
        self.go_on()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Это ваш дом?")
        self.see("address")
        self.go_on()
        self.see("sent")

    def message(self, recipient: str) -> str:
        """What has come; the demo's inbox fills within seconds."""
        inbox = self.page.context.new_page()
        card = inbox.locator("section", has_text=recipient).first
        for _ in range(30):
            inbox.goto("/dev/inbox")
            if card.count():
                break
            inbox.wait_for_timeout(500)
        text = card.inner_text()
        inbox.close()
        return text

    def is_in(self) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Главная")
        expect(self.page.locator("main")).to_contain_text("Баланс")


@pytest.mark.parametrize("screen", SCRIPTED, indirect=True, ids=str)
def test_by_e_mail(page: Page, server: Server, picture: str) -> None:
    visit, address = Visit(page, picture), f"{picture}@example.ru".lower()
    visit.fill_in("email", address)
    visit.see("person")
    visit.go_on()  # at once: the form waits for its captcha by itself
    page.wait_for_url("**/register/consents")
    visit.prove(server)
    link = re.search(r"http\S+/activate\?key=\S+", visit.message(address))
    assert link is not None
    page.goto(link[0])
    visit.see("activate")
    visit.go_on()
    visit.is_in()


@pytest.mark.parametrize("screen", SCRIPTED, indirect=True, ids=str)
def test_by_phone(page: Page, server: Server, picture: str, screen: Screen) -> None:
    visit, number = Visit(page, picture), f"+7912000000{int(screen.is_phone)}"
    visit.fill_in("phone", number)
    visit.go_on()
    page.wait_for_url("**/register/consents")
    visit.prove(server)
    code = re.search(r"@localhost #(\d{6})", visit.message(number))
    assert code is not None
    page.fill("#code", f"{code[1][:3]} {code[1][3:]}")
    visit.go_on()
    visit.is_in()


@pytest.mark.parametrize("screen", [Screen(360, 740, scripts=False)], indirect=True, ids=str)
def test_without_javascript(page: Page, server: Server, picture: str) -> None:
    visit, address = Visit(page, picture), f"{picture}@example.ru".lower()
    visit.fill_in("email", address)
    seen = page.locator("img[alt^='Пять цифр']")
    expect(seen).to_be_visible()
    expect(seen).not_to_have_js_property("naturalWidth", 0)
    expect(page.locator("audio")).to_be_visible()
    visit.see("person")
    # No test can read the picture, or it would be worth nothing: the work is done here instead.
    task = json.loads(str(page.locator("[data-captcha]").get_attribute("data-captcha")))
    found = altcha.solve_challenge(altcha.Challenge.from_dict(task))
    assert found is not None
    payload = altcha.Payload(altcha.Challenge.from_dict(task), found).to_base64()
    page.locator("input[name=altcha]").evaluate("(field, text) => { field.value = text }", payload)
    visit.go_on()
    visit.prove(server)
    link = re.search(r"http\S+/activate\?key=\S+", visit.message(address))
    assert link is not None
    page.goto(link[0])
    visit.go_on()
    visit.is_in()


@pytest.mark.parametrize("screen", SCRIPTED, indirect=True, ids=str)
def test_what_is_wrong_is_told(page: Page, server: Server, watch: Watch, picture: str) -> None:
    watch.allow(422)
    watch.allow(410)
    del server
    visit = Visit(page, picture)
    page.goto("/register/email")
    visit.go_on()
    expect(page.locator("#errors")).to_be_focused()
    visit.see("errors")
    # Once the work is done the script leaves its button alone; a slow phone sees it earlier.
    expect(page.locator("[data-captcha] [role=status]")).to_have_text("Проверка пройдена")
    page.locator("button[name=captcha_plain]").evaluate("button => { button.hidden = false }")
    page.locator("button[name=captcha_plain]").click()
    expect(page.locator("#captcha_digits")).to_be_visible()
    visit.see("digits")
    page.goto("/activate?key=x")
    visit.see("refused")
