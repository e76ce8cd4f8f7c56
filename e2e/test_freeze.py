"""The whole way of somebody who fears a stranger in the cabinet: look, lock, prove, open."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import Watch
from e2e.support.pages import check_axe, check_fits, screenshot, sign_in
from e2e.support.server import Server


def look(page: Page, name: str) -> None:
    check_fits(page)
    check_axe(page)
    screenshot(page, name)


def on_paper(server: Server, number: str) -> tuple[str, str]:
    """What the paper bill of the account says: its code, and the number of the meter."""
    asked = (
        "SELECT a.bill_code, m.serial FROM accounts a JOIN meters m ON m.account_id = a.id "
        "WHERE a.number = ? AND m.removed_on IS NULL"
    )
    with closing(sqlite3.connect(server.folder / "tesweb.db")) as database:
        code, serial = database.execute(asked, (number,)).fetchone()
        return str(code), str(serial)


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def test_from_the_journal_over_the_lock_to_the_open_cabinet(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(422)
    watch.allow(401)  # how htmx is told to load the whole page
    user = server.user("9993")
    sign_in(page, user)
    page.goto("/profile/events")
    look(page, f"{picture}-journal")
    page.get_by_role("link", name="Заблокировать кабинет").click()
    page.get_by_label("Не доверять переданным с даты и времени ниже").check()
    press(page, "Заблокировать кабинет")
    expect(page.get_by_text("Выберите день").first).to_be_visible()
    look(page, f"{picture}-lock-error")
    page.get_by_label("Нет, все показания мои").check()
    page.get_by_label("Прошу контрольное снятие показаний комиссией").check()
    press(page, "Заблокировать кабинет")
    expect(page).to_have_url(re.compile("/locked$"))
    expect(page.locator("h1")).to_have_text("Кабинет заблокирован")
    expect(page.locator("main .code")).to_have_text("1")
    look(page, f"{picture}-locked")
    page.goto("/")
    expect(page).to_have_url(re.compile("/locked$"))
    page.get_by_role("link", name="Открыть кабинет").click()
    look(page, f"{picture}-unlock")
    page.locator("#password").fill("wrong")
    press(page, "Подтвердить пароль")
    expect(page.get_by_text("Пароль не подошёл").first).to_be_visible()
    look(page, f"{picture}-unlock-error")
    page.locator("#password").fill(user.password)
    press(page, "Подтвердить пароль")
    expect(page.get_by_text("1 из 2")).to_be_visible()
    look(page, f"{picture}-one-proof")
    code, serial = on_paper(server, user.accounts[0])
    page.get_by_label("Код с квитанции").fill(code)
    page.get_by_label("Номер счётчика").fill(serial)
    press(page, "Подтвердить счёт")
    expect(page.get_by_text("2 из 2")).to_be_visible()
    look(page, f"{picture}-two-proofs")
    press(page, "Открыть кабинет")
    expect(page).to_have_url(re.compile("/profile/freeze/readings"))
    expect(page.get_by_text("Кабинет открыт")).to_be_visible()
    look(page, f"{picture}-on-hold")
    page.goto("/profile/events")
    expect(page.get_by_text("Кабинет разблокирован")).to_be_visible()


@pytest.mark.parametrize("key", ["never-given"])
def test_an_old_link_says_what_to_do(
    page: Page, server: Server, watch: Watch, picture: str, key: str
) -> None:
    assert server.users
    watch.allow(404)
    page.goto(f"/freeze?key={key}")
    expect(page.locator("h1")).to_have_text("Ссылка больше не действует")
    look(page, f"{picture}-old-link")
