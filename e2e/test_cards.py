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
}
ONE = pytest.mark.parametrize("screen", SCREENS[:1], indirect=True, ids=str)


def to_the_card(page: Page, server: Server, watch: Watch) -> None:
    """From the sums to the bank's page, with a comma and a space in the sum."""
    watch.allow(401)  # htmx is told to load the bank as a whole page
    sign_in(page, server.user("долг"))
    page.goto("/pay")
    page.locator("main input[inputmode=decimal]").first.fill("1 234,5")
    go_on(page, "Продолжить")
    page.get_by_text("Картой").click()
    go_on(page, "Перейти к оплате")
    page.wait_for_url(f"{server.bank.address}/**")


@ONE
@pytest.mark.parametrize("brand", BRANDS)
def test_each_brand_pays_from_the_sums_to_the_receipt(
    page: Page, server: Server, watch: Watch, brand: str
) -> None:
    to_the_card(page, server, watch)
    fill(page, BRANDS[brand])
    page.wait_for_url(re.compile(r"/pay/orders/\d+"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Оплачено. Спасибо!", timeout=20_000)
    expect(page.locator("main")).to_contain_text(f"•••• {BRANDS[brand][-4:]}")


@ONE
@pytest.mark.parametrize("number", DECLINES)
def test_each_decline_is_told_with_the_next_step(
    page: Page, server: Server, watch: Watch, number: str
) -> None:
    to_the_card(page, server, watch)
    fill(page, number)
    page.get_by_role("link", name="Вернуться в магазин").click()
    expect(page.locator("main")).to_contain_text(DECLINES[number], timeout=20_000)
    expect(page.get_by_role("link", name="Заплатить заново")).to_be_visible()
