"""A bill is paid at the bank and back, as residents do it."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import SCREENS, Screen, Watch
from e2e.support.pages import check_axe, check_fits, screenshot, sign_in
from e2e.support.server import Server
from e2e.test_bank import NO_MONEY, WITH_CODE, fill, newest_code

#: A phone with scripts and without, and a desktop.
ALL = SCREENS[:3]


def look(page: Page, name: str) -> None:
    check_fits(page)
    check_axe(page)
    screenshot(page, name)


def go_on(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def to_the_bank(
    page: Page, server: Server, watch: Watch, picture: str, way: str = "Картой"
) -> None:
    """From the sums to the bank's page."""
    watch.allow(401)  # htmx is told to load the bank as a whole page
    sign_in(page, server.user("долг"))
    page.goto("/pay")
    look(page, f"{picture}-1-sums")
    page.locator("main input[inputmode=decimal]").first.fill("1 234,5")
    go_on(page, "Продолжить")
    expect(page.get_by_role("heading", level=1)).to_have_text("Как заплатить")
    page.get_by_text(way).click()
    look(page, f"{picture}-2-ways")
    go_on(page, "Перейти к оплате")
    page.wait_for_url(f"{server.bank.address}/**")


@pytest.mark.parametrize("screen", ALL, indirect=True, ids=str)
def test_a_bill_is_paid_with_a_card_and_a_code(
    page: Page, server: Server, watch: Watch, screen: Screen, picture: str
) -> None:
    to_the_bank(page, server, watch, picture)
    fill(page, WITH_CODE)
    page.locator("#code").fill(newest_code(server))
    go_on(page, "Подтвердить")
    page.wait_for_url(re.compile(r"/pay/orders/\d+"))
    if not screen.scripts:
        page.wait_for_timeout(2500)  # a page asks the bank again after two seconds
        page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Оплачено. Спасибо!", timeout=20_000)
    expect(page.locator("main")).to_contain_text("1 234,50 ₽")
    expect(page.locator("main")).to_contain_text("•••• 0004")
    look(page, f"{picture}-3-paid")
    page.goto("/pay/history")
    expect(page.locator("main")).to_contain_text("оплачен")
    look(page, f"{picture}-4-history")


@pytest.mark.parametrize("screen", ALL[:2], indirect=True, ids=str)
def test_a_decline_is_told_and_paid_anew(
    page: Page, server: Server, watch: Watch, screen: Screen, picture: str
) -> None:
    to_the_bank(page, server, watch, picture)
    fill(page, NO_MONEY)
    page.get_by_role("link", name="Вернуться в магазин").click()
    page.wait_for_url(re.compile(r"/pay/orders/\d+"))
    if not screen.scripts:
        page.wait_for_timeout(2500)  # a page asks the bank again after two seconds
        page.reload()
    expect(page.locator("main")).to_contain_text("На карте не хватает денег", timeout=20_000)
    look(page, f"{picture}-3-declined")
    page.get_by_role("link", name="Заплатить заново").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Как заплатить")


@pytest.mark.parametrize("screen", ALL[:1], indirect=True, ids=str)
def test_another_tab_shows_the_payment_under_way(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(409)
    to_the_bank(page, server, watch, picture)
    page.goto(f"{server.address}pay")
    page.locator("main input[inputmode=decimal]").first.fill("500")
    go_on(page, "Продолжить")
    go_on(page, "Перейти к оплате")
    expect(page.locator("main")).to_contain_text("Платёж уже начат")
    look(page, f"{picture}-3-under-way")
    page.get_by_role("link", name="Посмотреть тот платёж").click()
    expect(page.locator("main")).to_contain_text("ждёт оплаты")


@pytest.mark.parametrize("screen", ALL[:1], indirect=True, ids=str)
def test_sbp_is_paid_in_the_banks_application(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    to_the_bank(page, server, watch, picture, way="СБП")
    page.get_by_role("link", name="Открыть приложение банка").click()
    go_on(page, "Подтвердить")
    page.get_by_role("link", name="Вернуться в магазин").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Оплачено. Спасибо!", timeout=20_000)
