"""A forgotten password: a link in a letter, a new password, and back in."""

import re

from playwright.sync_api import Page, expect

from e2e.support.browser import Watch
from e2e.support.pages import check_axe, check_fits, screenshot

#: The demo's user with an e-mail (README).
EMAIL, PASSWORD = "dolgov@example.com", "гроза над тихой протокой"


def look(page: Page, picture: str) -> None:
    expect(page.locator("main h1")).to_have_count(1)
    expect(page.locator("form[aria-busy]")).to_have_count(0)
    check_fits(page)
    check_axe(page)
    screenshot(page, picture)


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def links(page: Page) -> set[str]:
    """The links for a password in the demo's inbox, which keeps those of tests before."""
    page.goto("/dev/inbox")
    return set(re.findall(r"/recover/password\?key=[\w-]+", page.locator("main").inner_html()))


def letter(page: Page, before: set[str]) -> str:
    for _ in range(50):
        new = links(page) - before
        if new:
            return new.pop()
        page.wait_for_timeout(200)
    raise AssertionError("no letter came")


def test_a_forgotten_password_is_replaced(page: Page, watch: Watch, picture: str) -> None:
    watch.allow(422)
    watch.allow(401)  # how htmx is told to leave the page
    before = links(page)
    page.goto("/login")
    page.get_by_role("link", name="Забыли пароль?").click()
    look(page, f"{picture}-start")
    press(page, "Прислать ссылку")
    expect(page.locator("#errors")).to_be_visible()
    look(page, f"{picture}-empty")
    page.get_by_label("Логин, почта или телефон").fill(EMAIL)
    press(page, "Прислать ссылку")
    expect(page.locator("main h1")).not_to_have_text("Забыли пароль")
    look(page, f"{picture}-sent")
    page.goto(letter(page, before))
    look(page, f"{picture}-new")
    page.get_by_label("Новый пароль", exact=True).fill("12345678")
    press(page, "Сохранить пароль")
    expect(page.locator("#errors")).to_be_visible()
    look(page, f"{picture}-common")
    page.get_by_label("Новый пароль", exact=True).fill(PASSWORD)
    press(page, "Сохранить пароль")
    look(page, f"{picture}-done")
    page.locator("main").get_by_role("link", name="Войти").click()
    page.get_by_label("Логин, почта или телефон").fill(EMAIL)
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    press(page, "Войти")
    expect(page.locator("main")).to_contain_text("Долг")


def test_the_page_for_who_lost_the_mail(page: Page, watch: Watch, picture: str) -> None:
    watch.allow(422)
    page.goto("/recover/access")
    look(page, f"{picture}-page")
    press(page, "Попросить доступ")
    expect(page.locator("#errors")).to_be_visible()
    look(page, f"{picture}-empty")


def test_the_code_of_the_office_is_typed_with_the_new_password(
    page: Page, watch: Watch, picture: str
) -> None:
    watch.allow(422)
    page.goto("/recover/office")
    look(page, f"{picture}-office")
    page.get_by_label("Код из нашего офиса").fill("12345 12345 12345 12345")
    page.get_by_label("Новый пароль", exact=True).fill(PASSWORD)
    press(page, "Сохранить пароль")
    expect(page.locator("#errors")).to_contain_text("Этот код не подходит")
    look(page, f"{picture}-office-wrong")
