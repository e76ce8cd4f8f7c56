"""«Profile and security» in every dress: pages, devices of two browsers, a new address, a copy."""

import json
import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from e2e.support.browser import Watch
from e2e.support.pages import check_axe, check_fits, screenshot, sign_in
from e2e.support.server import Server

PAGES = (
    "/profile",
    "/profile/contacts",
    "/profile/contacts/email",
    "/profile/contacts/phone",
    "/profile/contacts/phone/remove",
    "/profile/password",
    "/profile/devices",
    "/profile/data",
    "/profile/data/delete",
)


@pytest.fixture
def person(server: Server, page: Page) -> Page:
    """Somebody with an address who has just signed in."""
    user = server.user("9993")
    ask(server, "UPDATE users SET email = 'anna@example.ru' WHERE login = ?", user.login)
    sign_in(page, user)
    return page


def ask(server: Server, sql: str, *values: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(server.folder / "tesweb.db", timeout=10)) as store:
        found = store.execute(sql, values).fetchall()
        store.commit()
        return found


def link_to(server: Server, address: str) -> str:
    """The path in the newest letter: it waits in the outbox, or lies in the demo's inbox."""
    rows = ask(server, "SELECT payload FROM outbox WHERE recipient = ? ORDER BY id DESC", address)
    path = json.loads(rows[0][0]).get("path")
    if path:
        return str(path)
    inbox = [json.loads(file.read_text("utf-8")) for file in server.folder.rglob("inbox/*.json")]
    letters = [letter for letter in inbox if letter["recipient"] == address]
    newest = max(letters, key=lambda letter: str(letter["moment"]))
    found = re.search(r"/profile/contacts/email/link\?key=\S+", newest["text"])
    assert found is not None
    return found[0]


def test_every_page_is_accessible(person: Page, picture: str) -> None:
    for address in PAGES:
        person.goto(address)
        expect(person.locator("main h1")).to_have_count(1)
        check_fits(person)
        check_axe(person)
        screenshot(person, f"{picture}{address.replace('/', '-')}")


def test_the_menu_leads_there(person: Page) -> None:
    menu = person.locator("header details summary")
    if menu.is_visible():
        menu.click()
        person.locator("header").get_by_role("link", name="Профиль и безопасность").click()
    else:
        person.goto("/more")
        person.locator("main").get_by_role("link", name="Профиль и безопасность").click()
    expect(person.locator("main h1")).to_have_text("Профиль и безопасность")


def test_a_device_is_ended_from_another_one(person: Page, server: Server, browser: Browser) -> None:
    other = browser.new_context(base_url=server.address, locale="ru-RU")
    lost = other.new_page()
    sign_in(lost, server.user("9993"))
    person.goto("/profile/devices")
    expect(person.get_by_text("это устройство")).to_have_count(1)
    person.get_by_role("button", name="Завершить", exact=True).first.click()
    expect(person.get_by_text("Готово: на том устройстве выполнен выход.")).to_be_visible()
    check_axe(person)
    lost.goto("/profile")
    expect(lost).to_have_url(f"{server.address}login?next=/profile")
    other.close()


def test_a_new_address_is_proved_by_its_letter(
    person: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(410, 422)
    person.goto("/profile/contacts/email")
    person.get_by_role("button", name="Отправить письмо").click()
    expect(person.locator("#errors")).to_be_visible()
    check_axe(person)
    person.get_by_label("Новая электронная почта").fill("new@example.ru")
    person.get_by_role("button", name="Отправить письмо").click()
    expect(person.locator("main h1")).to_have_text("Проверьте почту")
    expect(person).to_have_url(f"{server.address}profile/contacts/email/sent")
    check_axe(person)
    screenshot(person, f"{picture}-sent")
    link = link_to(server, "new@example.ru")
    person.goto(link)
    check_axe(person)
    person.get_by_role("button", name="Да, это мой адрес").click()
    expect(person.get_by_text("Новая почта подтверждена.")).to_be_visible()
    expect(person.get_by_text("n•••@example.ru")).to_be_visible()
    person.goto(link)
    expect(person.locator("main h1")).to_have_text("Ссылка больше не действует")
    check_axe(person)


def test_a_wrong_code_is_told_beside_the_field(person: Page, watch: Watch) -> None:
    watch.allow(422)
    person.goto("/profile/contacts")
    person.get_by_role("link", name="Добавить номер").click()
    person.get_by_label("Новый номер телефона").fill("8 912 000 11 22")
    person.get_by_role("button", name="Отправить код").click()
    expect(person.locator("main h1")).to_have_text("Код из сообщения")
    check_axe(person)
    person.get_by_label("Код из сообщения").fill("12 34 5")
    person.get_by_role("button", name="Подтвердить номер").click()
    expect(person.locator("#code-error")).to_contain_text("Код не подошёл")
    check_fits(person)
    check_axe(person)


def test_the_copy_comes_as_a_file_and_may_come_again(person: Page) -> None:
    person.goto("/profile/data")
    for _ in range(2):
        with person.expect_download() as download:
            person.get_by_role("button", name="Скачать PDF").click()
        assert download.value.suggested_filename.startswith("Мои данные ")
        assert download.value.suggested_filename.endswith(".pdf")


def test_a_cabinet_is_deleted_with_a_word(
    person: Page, context: BrowserContext, watch: Watch
) -> None:
    watch.allow(401, 422)
    person.goto("/profile/data/delete")
    person.get_by_role("button", name="Удалить кабинет навсегда").click()
    expect(person.locator("#errors")).to_be_visible()
    check_axe(person)
    person.get_by_label("Для подтверждения введите слово").fill("удалить")
    person.get_by_role("button", name="Удалить кабинет навсегда").click()
    expect(person.locator("main h1")).to_have_text("Кабинет удалён")
    check_axe(person)
    page = context.new_page()
    page.goto("/profile")
    expect(page.locator("main h1")).to_have_text("Вход в личный кабинет")
