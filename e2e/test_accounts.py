"""A household from its first bill: prove, name, invite; a second one asks, the owner allows."""

import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import SCREENS, Watch
from e2e.support.pages import check_axe, check_fits, screenshot, sign_in
from e2e.support.server import DemoUser, Server

#: The account that the demo leaves free, and the code on its bill (README).
NUMBER, CODE, METER = "7204 0010 0110", "1554-8774", "51820364"


def look(page: Page, picture: str) -> None:
    """The page as axe and as a person see it."""
    expect(page.locator("main h1")).to_have_count(1)
    check_fits(page)
    check_axe(page)
    screenshot(page, picture)


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name).first.click()


def prove(page: Page, code: str) -> None:
    page.get_by_label("Номер лицевого счёта").fill(NUMBER)
    page.get_by_label("Код с квитанции").fill(code)
    press(page, "Найти лицевой счёт")


def user(server: Server, login: str) -> DemoUser:
    return next(user for user in server.users if user.login == login)


def swap(page: Page, person: DemoUser) -> None:
    """Another person at the same screen."""
    page.context.clear_cookies()
    sign_in(page, person)


@pytest.mark.parametrize("screen", [SCREENS[0], SCREENS[-1]], indirect=True, ids=str)
def test_a_household_comes_together(page: Page, server: Server, watch: Watch, picture: str) -> None:
    watch.allow(422)
    first, second = user(server, "novikov"), user(server, "petrov")
    sign_in(page, first)
    page.goto("/profile/accounts")
    look(page, f"{picture}-none")
    follow(page, "Добавить счёт")
    look(page, f"{picture}-link")
    press(page, "Найти лицевой счёт")
    look(page, f"{picture}-blank")
    prove(page, "0000-0000")
    expect(page.locator("#errors")).to_contain_text("не совпадает")
    look(page, f"{picture}-wrong")
    prove(page, CODE)
    expect(page.locator("main")).to_contain_text("ул. С*************")
    look(page, f"{picture}-masked")
    press(page, "Всё верно")
    expect(page.locator("main")).to_contain_text("Вы его владелец")
    look(page, f"{picture}-mine")

    name_it(page)
    invite(page, picture)
    ask(page, server, picture)
    answer(page, server, picture)
    swap(page, second)
    page.goto("/profile/accounts")
    expect(page.locator("main")).to_contain_text("Ставропольская")
    look(page, f"{picture}-two")


def name_it(page: Page) -> None:
    page.locator("summary", has_text="Название и порядок").click()
    page.get_by_label("Своё название").fill("Квартира бабушки")
    press(page, "Сохранить название")
    expect(page.locator(".strip")).to_contain_text("Квартира бабушки")


def invite(page: Page, picture: str) -> None:
    follow(page, "У кого есть доступ")
    follow(page, "Пригласить")
    press(page, "Отправить приглашение")
    look(page, f"{picture}-invite-blank")
    page.get_by_label("Электронная почта или телефон").fill("gost@example.ru")
    page.get_by_label("Наблюдатель").check()
    press(page, "Отправить приглашение")
    expect(page.locator("main")).to_contain_text("g•••@example.ru")


def ask(page: Page, server: Server, picture: str) -> None:
    """Somebody else with the same bill."""
    swap(page, user(server, "petrov"))
    page.goto("/profile/accounts/link")
    prove(page, CODE)
    expect(page.locator("main")).to_contain_text("уже есть владелец")
    look(page, f"{picture}-second")
    press(page, "Всё верно, спросить владельца")
    expect(page.locator("main")).to_contain_text("ждёт ответа владельца")
    look(page, f"{picture}-waits")


def answer(page: Page, server: Server, picture: str) -> None:
    """The owner allows it, and looks at what else there is."""
    swap(page, user(server, "novikov"))
    page.goto("/profile/accounts")
    follow(page, "У кого есть доступ")
    look(page, f"{picture}-people")
    follow(page, "Ответить")
    look(page, f"{picture}-question")
    page.get_by_label("Плательщик").check()
    press(page, "Разрешить")
    expect(page.locator("main")).to_contain_text("Сергей Петров")
    follow(page, "Изменить или закрыть доступ")
    look(page, f"{picture}-person")
    page.goto("/profile/accounts")
    follow(page, "Убрать")
    look(page, f"{picture}-unlink")


@pytest.mark.parametrize("screen", [SCREENS[0], SCREENS[-1]], indirect=True, ids=str)
def test_pages_of_an_invitation_that_is_over_and_of_the_full_proof(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(410)
    page.goto("/invitation?key=nothing")
    look(page, f"{picture}-over")
    sign_in(page, user(server, "petrov"))
    page.goto("/profile/accounts/link?full=1&region=vladivostok")
    expect(page.get_by_label("Номер счётчика")).to_be_visible()
    look(page, f"{picture}-full")
