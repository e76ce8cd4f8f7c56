"""A card is saved by paying with the box ticked, and then pays by itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import SCREENS, Screen, Watch
from e2e.support.pages import sign_in
from e2e.support.server import Server
from e2e.test_bank import WITH_CODE, fill, newest_code
from e2e.test_payment import go_on, look

#: A phone with scripts and without, and a desktop.
ALL = SCREENS[:3]


@pytest.mark.parametrize("screen", ALL, indirect=True, ids=str)
def test_a_saved_card_pays_by_itself(
    page: Page, server: Server, watch: Watch, screen: Screen, picture: str
) -> None:
    pay_and_save(page, server, watch, screen)
    look(page, f"{picture}-1-paid")
    page.goto("/pay/cards")
    expect(page.locator("main")).to_contain_text("•••• 0004")
    look(page, f"{picture}-2-cards")
    page.goto("/pay/autopay")
    look(page, f"{picture}-3-list")
    page.locator("main ul.list a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Включить автоплатёж")
    look(page, f"{picture}-4-form")
    page.get_by_label("Сумма, рублей").fill("5000")
    page.get_by_text("В день месяца").click()
    page.get_by_label("День месяца", exact=True).fill("99")
    watch.allow(422)
    go_on(page, "Посмотреть, что было бы списано")
    expect(page.locator("main")).to_contain_text("число от 1 до 31")
    look(page, f"{picture}-5-wrong")
    page.get_by_label("День месяца", exact=True).fill("31")
    go_on(page, "Посмотреть, что было бы списано")
    expect(page.get_by_role("heading", level=1)).to_have_text("Проверьте и включите")
    look(page, f"{picture}-6-check")
    go_on(page, "Включить автоплатёж")
    expect(page.get_by_role("heading", level=1)).to_have_text("Автоплатёж включён")
    look(page, f"{picture}-7-on")
    page.goto("/pay/cards")
    page.get_by_role("link", name="Удалить").first.click()
    expect(page.locator("main")).to_contain_text("Вместе с ней выключится автоплатёж")
    look(page, f"{picture}-8-remove")
    go_on(page, "Удалить")
    expect(page.locator("main")).to_contain_text("Карта удалена")
    look(page, f"{picture}-9-removed")


def pay_and_save(page: Page, server: Server, watch: Watch, screen: Screen) -> None:
    """Pay once with the box ticked."""
    watch.allow(401)  # htmx is told to load the bank as a whole page
    sign_in(page, server.user("долг"))
    page.goto("/pay")
    page.locator("main input[inputmode=decimal]").first.fill("1 234,5")
    go_on(page, "Продолжить")
    expect(page.get_by_role("heading", level=1)).to_have_text("Как заплатить")
    page.get_by_text("Картой").click()
    page.get_by_text("Запомнить карту").click()
    go_on(page, "Перейти к оплате")
    page.wait_for_url(f"{server.bank.address}/**")
    fill(page, WITH_CODE)
    page.locator("#code").fill(newest_code(server))
    go_on(page, "Подтвердить")
    page.wait_for_url(re.compile(r"/pay/orders/\d+"))
    if not screen.scripts:
        page.wait_for_timeout(2500)  # a page asks the bank again after two seconds
        page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Оплачено. Спасибо!", timeout=20_000)
