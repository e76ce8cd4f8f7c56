"""Each brand pays through from the sums to the receipt; each decline is told with the next step."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import SCREENS, Watch
from e2e.support.pages import sign_in
from e2e.support.server import Server
from e2e.test_bank import BRANDS, fill
from e2e.test_payment import go_on

#: Cards of the sandbox by reason, and what the payer is told.
DECLINES = {
    "2200000000000012": "Пароль из СМС не подтверждён. Попробуйте ещё раз",
    "2200000000000020": "Ваш банк просит позвонить ему",
    "4141435412630840": "Срок действия карты истёк. Заплатите другой картой",
    "5555555555554584": "Заплатите другой картой или через СБП",
    "4483274282299972": "Банк счёл платёж необычным",
    "4889971706588753": "Банк отклонил платёж и не назвал причину",
    "5555555555554600": "На карте не хватает денег. Пополните её",
    "2201382000000013": "Банк не узнал номер карты. Проверьте его по цифрам",
    "5555555555554626": "Три цифры с обратной стороны карты не подошли",
    "2201382000000021": "Попробуйте через несколько минут",
    "4565231022577548": "Превышен лимит карты. Заплатите меньшую сумму",
    "5555555555554550": "Платежи этой картой ограничены",
}
ONE = pytest.mark.parametrize("screen", SCREENS[:1], indirect=True, ids=str)
PLAIN = pytest.mark.parametrize("screen", SCREENS[:2], indirect=True, ids=str)


def choose(page: Page, amount: str = "1 234,5") -> None:
    """A sum, and on to the ways to pay."""
    page.goto("/pay")
    page.locator("main input[inputmode=decimal]").first.fill(amount)
    go_on(page, "Продолжить")


def to_the_bank(page: Page, server: Server) -> None:
    """By card, to the bank's page."""
    page.get_by_text("Картой").click()
    go_on(page, "Перейти к оплате")
    page.wait_for_url(f"{server.bank.address}/**")


@pytest.fixture
def payer(page: Page, server: Server, watch: Watch) -> Page:
    """Somebody who owes, signed in."""
    watch.allow(401)  # htmx is told to load the bank as a whole page
    sign_in(page, server.user("долг"))
    return page


@ONE
def test_each_brand_pays_from_the_sums_to_the_receipt(payer: Page, server: Server) -> None:
    for number in BRANDS.values():
        choose(payer)
        to_the_bank(payer, server)
        fill(payer, number)
        payer.wait_for_url(re.compile(r"/pay/orders/\d+"))
        done = payer.get_by_role("heading", level=1)
        expect(done).to_have_text("Оплачено. Спасибо!", timeout=20_000)
        expect(payer.locator("main")).to_contain_text(f"•••• {number[-4:]}")
        expect(payer.locator("main")).to_contain_text("1 234,50 ₽")
    receipt = payer.context.request.get(f"{payer.url}/receipt.pdf")
    assert receipt.body().startswith(b"%PDF-")


@ONE
def test_each_decline_is_told_with_the_next_step(payer: Page, server: Server) -> None:
    choose(payer)
    for number, told in DECLINES.items():
        to_the_bank(payer, server)
        fill(payer, number)
        payer.get_by_role("link", name="Вернуться в магазин").click()
        expect(payer.locator("main")).to_contain_text(told, timeout=20_000)
        payer.get_by_role("link", name="Заплатить заново").click()
        expect(payer.get_by_role("heading", level=1)).to_have_text("Как заплатить")


@PLAIN
def test_less_than_the_least_is_refused_and_the_least_is_taken(payer: Page, watch: Watch) -> None:
    watch.allow(422)
    choose(payer, "49,99")
    expect(payer.locator("main")).to_contain_text("не меньше 50")
    choose(payer, "50.00")
    expect(payer.get_by_role("heading", level=1)).to_have_text("Как заплатить")
    expect(payer.locator("main")).to_contain_text("50,00 ₽")


@PLAIN
def test_a_double_click_is_one_payment_and_the_way_back_leads_to_it(
    payer: Page, server: Server, watch: Watch
) -> None:
    watch.allow(409)
    choose(payer)
    payer.get_by_text("Картой").click()
    payer.get_by_role("button", name="Перейти к оплате").dblclick()
    payer.wait_for_url(f"{server.bank.address}/**")
    payer.go_back()
    expect(payer.get_by_role("heading", level=1)).to_have_text(re.compile("Оплата|Как заплатить"))
    choose(payer)
    payer.get_by_text("Картой").click()
    go_on(payer, "Перейти к оплате")
    expect(payer.locator("main")).to_contain_text("Платёж уже начат")
    payer.get_by_role("link", name="Посмотреть тот платёж").click()
    expect(payer.locator("main")).to_contain_text("ждёт оплаты")
    payer.goto("/pay/history")
    expect(payer.locator("main tbody tr")).to_have_count(1)


@ONE
def test_who_closes_the_browser_at_the_bank_finds_the_payment_done(
    payer: Page, server: Server
) -> None:
    choose(payer)
    to_the_bank(payer, server)
    payer.route(f"{server.address}**", lambda route: route.abort())
    fill(payer, BRANDS["МИР"])
    context = payer.context
    payer.wait_for_timeout(500)
    payer.close()
    context.clear_cookies()
    again = context.new_page()
    sign_in(again, server.user("долг"))
    for _ in range(20):
        again.goto("/pay/history")
        if "оплачен" in again.locator("main").inner_text():
            break
        again.wait_for_timeout(500)
    expect(again.locator("main")).to_contain_text("оплачен")
