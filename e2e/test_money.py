"""What a supplier's money sees besides one bill: several accounts, a silent bank, a refund."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import SCREENS, Screen, Watch
from e2e.support.pages import eventually, sign_in
from e2e.support.server import Server
from e2e.test_bank import BRANDS, fill
from e2e.test_factors import Device, make_passkey, prove, sign_out
from e2e.test_payment import go_on, look

PLAIN = pytest.mark.parametrize("screen", SCREENS[:2], indirect=True, ids=str)
SCRIPTED = pytest.mark.parametrize(
    "screen", [each for each in SCREENS if each.scripts], indirect=True, ids=str
)
PAID = "Оплачено. Спасибо!"


class Faults:
    """The panel of the demo's bank."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def add(self, **fault: Any) -> None:  # noqa: ANN401 - as the panel's JSON takes it
        self._client.post("/faults", json=fault).raise_for_status()

    def clear(self) -> None:
        self._client.post("/faults", json={"clear": True}).raise_for_status()


@pytest.fixture
def faults(server: Server) -> Iterator[Faults]:
    with httpx.Client(base_url=server.bank.address, timeout=20) as client:
        panel = Faults(client)
        yield panel
        panel.clear()


@pytest.fixture
def debtor(page: Page, server: Server, watch: Watch) -> None:
    """Somebody who owes has signed in."""
    watch.allow(401)  # htmx is told to load the bank as a whole page
    sign_in(page, server.user("долг"))


def by_card(page: Page, server: Server) -> None:
    """From the ways to pay through the bank's page and back."""
    page.get_by_text("Картой").click()
    go_on(page, "Перейти к оплате")
    page.wait_for_url(f"{server.bank.address}/**")
    fill(page, BRANDS["МИР"])
    page.wait_for_url(re.compile(r"/pay/orders/\d+"))


def until_paid(page: Page) -> None:
    """As a person without scripts does: ask again."""
    eventually(page, page.get_by_role("heading", level=1, name=PAID), page.url)


@PLAIN
def test_one_payment_covers_two_addresses(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(401)
    sign_in(page, server.user("несколько счетов"))
    page.goto("/pay")
    sums = page.locator("main input[inputmode=decimal]")
    expect(sums).to_have_count(2)
    suggested = sums.first.input_value()
    page.get_by_role("link", name="Очистить").click()
    expect(sums.first).to_have_value("")
    page.get_by_role("link", name="Предложенная сумма").click()
    expect(sums.first).to_have_value(suggested)
    for number, amount in enumerate(("300,10", "1 200.5")):
        page.locator("main input[type=checkbox][name^='pay-']").nth(number).check()
        sums.nth(number).fill(amount)
    look(page, f"{picture}-1-sums")
    go_on(page, "Продолжить")
    expect(page.locator("main")).to_contain_text("1 500,60 ₽")
    page.get_by_label("Куда прислать чек").fill("sosed@example.com")
    look(page, f"{picture}-2-ways")
    by_card(page, server)
    until_paid(page)
    for amount in ("1 500,60 ₽", "300,10 ₽", "1 200,50 ₽"):
        expect(page.locator("main")).to_contain_text(amount)
    look(page, f"{picture}-3-paid")
    page.goto("/pay/history")
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("main tbody")).to_contain_text("и ещё 1")
    page.locator("main ul.list a").first.click()
    expect(page.locator("main h1")).to_have_text("Платежи по лицевому счёту")
    expect(page.locator("main tbody tr").first).to_contain_text("300,10 ₽")
    look(page, f"{picture}-4-credits")
    receipt = page.locator("main section", has_text="sosed@example.com").first
    eventually(page, receipt)
    expect(receipt).to_contain_text("1 500,60 ₽")
    look(page, f"{picture}-5-receipt")


@PLAIN
@pytest.mark.usefixtures("debtor")
def test_a_silent_bank_is_asked_until_it_answers(
    page: Page, server: Server, screen: Screen, faults: Faults, picture: str
) -> None:
    page.goto("/pay")
    page.locator("main input[inputmode=decimal]").first.fill("777")
    go_on(page, "Продолжить")
    faults.add(fault="silent", on="any", times=100)
    faults.add(fault="error", on="read", times=100)
    by_card(page, server)
    expect(page.locator("main")).to_contain_text("банк сообщит нам")
    look(page, f"{picture}-1-unclear")
    faults.clear()
    if screen.scripts:
        expect(page.get_by_role("heading", level=1)).to_have_text(PAID, timeout=30_000)
    else:
        page.get_by_role("link", name="Проверить ещё раз").click()
    until_paid(page)
    page.goto("/pay/history")
    expect(page.locator("main tbody tr")).to_have_count(1)


@SCRIPTED
def test_what_is_overpaid_goes_back_by_an_operator(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(401, 422)
    resident = server.user("переплата")
    sign_in(page, resident)
    page.goto("/pay")
    page.locator("main input[inputmode=decimal]").first.fill("100")
    go_on(page, "Продолжить")
    page.get_by_label("Куда прислать чек").fill("akimova@example.com")
    by_card(page, server)
    until_paid(page)
    page.get_by_role("link", name="Вернуть деньги").click()
    page.get_by_label("Сколько вернуть").fill("999")
    go_on(page, "Продолжить")
    look(page, f"{picture}-1-wrong")
    page.get_by_label("Сколько вернуть").fill("60,50")
    page.locator("main input[name=ground]").first.check()
    go_on(page, "Продолжить")
    look(page, f"{picture}-2-check")
    go_on(page, "Отправить заявку")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Возврат №")
    look(page, f"{picture}-3-asked")
    asked = page.url
    office = page.context.new_page()
    sign_out(page)
    an_operator(office, server)
    for each, name in (("", "home"), ("/alarms", "alarms"), ("/suspense", "suspense")):
        office.goto(f"/operator/money{each}")
        look(office, f"{picture}-4-{name}")
    office.goto("/operator/money/refunds")
    look(office, f"{picture}-5-refunds")
    office.locator("main tbody a").first.click()
    go_on(office, "Открыть страницу")  # it has an address, so the look is written down
    go_on(office, "Отказать")
    look(office, f"{picture}-6-no-reason")
    go_on(office, "Вернуть")
    expect(office.locator("main")).not_to_contain_text("Отказать")
    look(office, f"{picture}-7-decided")
    office.goto("/operator/money/reconcile?gateway=yookassa&day=2026-11-20")
    go_on(office, "Запросить у банка и загрузить")
    expect(office.locator("main")).to_contain_text("Реестр загружен")
    look(office, f"{picture}-8-register")
    sign_out(office)
    sign_in(page, resident)
    for _ in range(20):
        page.goto(asked)
        if page.get_by_text("деньги возвращены").count():
            break
        page.wait_for_timeout(1_000)
    expect(page.locator("main")).to_contain_text("деньги возвращены")
    look(page, f"{picture}-9-back")


def an_operator(page: Page, server: Server) -> None:
    """Signed in with a passkey, and the desk's page opened."""
    Device(page)
    user = server.user("оператор")
    make_passkey(page, user)
    sign_out(page)
    page.goto("/login")
    expect(page).not_to_have_url(re.compile("/login"))
    page.goto("/operator/money")
    prove(page, user)


@SCRIPTED
def test_a_credit_on_a_wrong_account_is_put_to_the_right_one(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(401, 422)
    sign_in(page, server.user("переплата"))
    page.goto("/pay")
    page.locator("main input[inputmode=decimal]").first.fill("150")
    go_on(page, "Продолжить")
    page.get_by_label("Куда прислать чек").fill("akimova@example.com")
    by_card(page, server)
    until_paid(page)
    paid = page.url
    number = paid.rpartition("/")[2].partition("?")[0]
    office = page.context.new_page()
    sign_out(page)
    an_operator(office, server)
    office.goto(f"/operator/money/orders/{number}")
    go_on(office, "Открыть страницу")
    expect(office.get_by_role("heading", level=2).first).to_have_text("Проводки")
    look(office, f"{picture}-1-story")
    office.get_by_role("link", name="Зачислено", exact=True).click()
    go_on(office, "Открыть страницу")
    expect(office.get_by_role("heading", level=2).first).to_have_text(
        "Деньги другого лицевого счёта"
    )
    look(office, f"{picture}-2-entry")
    go_on(office, "Снять зачисление")
    expect(office.locator("#errors")).to_be_visible()
    look(office, f"{picture}-3-no-ground")
    office.get_by_label("Номер лицевого счёта").fill("0")
    go_on(office, "Найти лицевой счёт")
    expect(office.locator("#errors")).to_contain_text("Сверьте цифры")
    look(office, f"{picture}-4-no-account")
    office.get_by_label("Номер лицевого счёта").fill(server.user("долг").accounts[0])
    go_on(office, "Найти лицевой счёт")
    go_on(office, "Открыть страницу")
    expect(office.get_by_label("Основание")).to_be_visible()
    look(office, f"{picture}-5-compare")
    office.get_by_label("Основание").fill("заявление 17, чек показан в офисе")
    go_on(office, "Зачислить")
    expect(office.locator("main")).to_contain_text("Эта проводка исправлена")
    look(office, f"{picture}-6-done")
    sign_out(office)
    sign_in(page, server.user("переплата"))
    page.goto(paid)
    expect(page.locator("main")).to_contain_text("Мы исправили зачисление")
    look(page, f"{picture}-7-payer")
