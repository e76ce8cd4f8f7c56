"""The sandbox bank's own pages: a card, a code, a decline, SBP, in every dress."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import Screen, Watch
from e2e.support.pages import check_axe, check_fits, screenshot
from e2e.support.server import Server

BRANDS = {
    "МИР": "2202 4743 0132 2987",
    "Visa": "4111 1111 1111 1111",
    "Mastercard": "5555 5555 5555 4444",
}
WITH_CODE, NO_MONEY = "2200000000000004", "4562265587712390"
_keys = itertools.count()


@dataclass(frozen=True)
class Shop:
    """Speaks to the bank's API as the demo's own gateway does."""

    client: httpx.Client
    #: Where payers come back to.
    back: str

    def order(self, way: str = "bank_card", value: str = "1284.60") -> tuple[str, str]:
        """A payment's number and its page."""
        body = {
            "amount": {"value": value, "currency": "RUB"},
            "capture": True,
            "confirmation": {"type": "redirect", "return_url": self.back},
            "payment_method_data": {"type": way},
            "description": "Электроэнергия, лицевой счёт 720400000001",
        }
        headers = {"Idempotence-Key": f"e2e-bank-{next(_keys)}"}
        answer = self.client.post("/payments", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["id"], answer.json()["confirmation"]["confirmation_url"]

    def state(self, number: str) -> str:
        """Where the payment stands."""
        return str(self.client.get(f"/payments/{number}").json()["status"])


@pytest.fixture
def shop(server: Server) -> Iterator[Shop]:
    auth = (server.bank.shop_id, server.bank.secret_key)
    with httpx.Client(base_url=server.bank.api, auth=auth, timeout=20) as client:
        yield Shop(client, f"{server.address}login")


def fill(page: Page, number: str, expiry: str = "12/40", code: str = "123") -> None:
    """Type a card and pay."""
    page.locator("#number").fill(number)
    page.locator("#expiry").fill(expiry)
    page.locator("#code").fill(code)
    page.get_by_role("button", name="Заплатить").click()


def look(page: Page, name: str) -> None:
    """As axe and a person see it."""
    check_fits(page)
    check_axe(page)
    screenshot(page, name)


@pytest.mark.parametrize("brand", BRANDS)
def test_each_brand_pays_and_the_payer_is_back_in_the_shop(
    page: Page, shop: Shop, screen: Screen, brand: str, picture: str
) -> None:
    number, url = shop.order()
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Оплата картой")
    if screen.scripts:
        page.locator("#number").fill(BRANDS[brand][:4])
        expect(page.locator("#brand")).to_have_text(f"Платёжная система: {brand}")
        expect(page.locator(".brand[data-on]")).to_have_text(brand)
    look(page, picture)
    fill(page, BRANDS[brand])
    page.wait_for_url(shop.back)
    assert shop.state(number) == "succeeded"


def test_slips_are_told_beside_the_fields(
    page: Page, shop: Shop, watch: Watch, picture: str
) -> None:
    watch.allow(422)
    number, url = shop.order()
    page.goto(url)
    fill(page, "4111 1111 1111 1112", "01/20", "1")
    expect(page.locator(".error")).to_have_count(3)
    expect(page.locator("#number")).to_have_value("4111 1111 1111 1112")
    expect(page.locator("#code")).to_have_value("")
    assert page.title().startswith("Ошибка")
    look(page, picture)
    assert shop.state(number) == "pending"


def test_the_code_from_the_inbox(
    page: Page, shop: Shop, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(422)
    number, url = shop.order()
    page.goto(url)
    fill(page, WITH_CODE)
    expect(page.locator("#code")).to_be_visible()
    look(page, picture)
    page.locator("#code").fill("12")
    page.get_by_role("button", name="Подтвердить").click()
    expect(page.locator(".error")).to_contain_text("Код не подошёл")
    look(page, f"{picture}-wrong")
    page.get_by_role("button", name="Выслать ещё раз").click()
    expect(page.locator(".error")).to_have_count(0)
    page.locator("#code").fill(newest_code(server))
    page.get_by_role("button", name="Подтвердить").click()
    page.wait_for_url(shop.back)
    assert shop.state(number) == "succeeded"


def test_the_message_stands_in_the_demos_inbox(page: Page, shop: Shop, server: Server) -> None:
    _, url = shop.order(value="77.70")
    page.goto(url)
    fill(page, WITH_CODE)
    expect(page.locator("#code")).to_be_visible()
    code = newest_code(server)
    page.goto(f"{server.address}dev/inbox")
    expect(page.locator("main")).to_contain_text(f"Код {code}. Оплата 77,70")


def test_a_decline_is_told_in_words_with_the_way_back(page: Page, shop: Shop, picture: str) -> None:
    number, url = shop.order()
    page.goto(url)
    fill(page, NO_MONEY)
    expect(page.get_by_role("heading", level=1)).to_have_text("Не оплачено")
    expect(page.locator("main")).to_contain_text("На карте не хватает денег")
    look(page, picture)
    assert shop.state(number) == "canceled"
    page.get_by_role("link", name="Вернуться в магазин").click()
    page.wait_for_url(shop.back)


def test_giving_up_leads_back(page: Page, shop: Shop) -> None:
    number, url = shop.order()
    page.goto(url)
    page.get_by_role("button", name="Отказаться и вернуться в магазин").click()
    page.wait_for_url(shop.back)
    assert shop.state(number) == "canceled"


def test_sbp_in_the_app_of_the_bank(page: Page, shop: Shop, picture: str) -> None:
    number, url = shop.order("sbp")
    page.goto(url)
    picture_of = page.locator("img.code")
    expect(picture_of).to_be_visible()
    expect(picture_of).not_to_have_js_property("naturalWidth", 0)
    look(page, picture)
    page.get_by_role("link", name="Открыть приложение банка").click()
    look(page, f"{picture}-app")
    page.get_by_role("button", name="Подтвердить").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Оплачено")
    look(page, f"{picture}-done")
    assert shop.state(number) == "succeeded"
    page.get_by_role("link", name="Вернуться в магазин").click()
    page.wait_for_url(shop.back)


def test_the_page_with_the_code_notices_that_the_phone_has_paid(
    page: Page, shop: Shop, screen: Screen
) -> None:
    _, url = shop.order("sbp")
    page.goto(url)
    phone = page.context.new_page()
    phone.goto(str(page.get_by_role("link", name="Открыть приложение банка").get_attribute("href")))
    phone.get_by_role("button", name="Подтвердить").click()
    expect(phone.get_by_role("heading", level=2)).to_have_text("Оплачено")
    if not screen.scripts:
        page.get_by_role("link", name="Оплата подтверждена").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Оплачено")


def test_the_fault_panel(page: Page, server: Server, picture: str) -> None:
    page.goto(f"{server.bank.address}/")
    look(page, f"{picture}-home")
    page.get_by_role("link", name="Пульт сбоев").click()
    page.get_by_label("Сбой", exact=True).select_option("duplicate")
    page.get_by_role("button", name="Включить").click()
    expect(page.locator("main")).to_contain_text("duplicate · any · ×1")
    look(page, picture)
    page.get_by_role("button", name="Выключить всё").click()
    expect(page.locator("main")).to_contain_text("банк честен и быстр")


def newest_code(server: Server) -> str:
    """The code of the last text message."""
    files = (server.folder / "inbox").glob("bank-*.json")
    newest = max(files, key=lambda file: file.stat().st_mtime_ns)
    found = re.search(r"\b\d{6}\b", json.loads(newest.read_text("utf-8"))["text"])
    assert found is not None
    return found[0]
