"""What ends an autopay, and payments that fail."""

from datetime import date

import pytest

from tests.autopay.conftest import START, Home
from tesweb.accounts.models import Role
from tesweb.autopay import runs
from tesweb.payments.protocol import Reason
from tesweb.payments.services import Wish, place
from tesweb.testing.bank import Fault

#: The day of the first payment in these tests, and its morning by UTC.
NOVEMBER = (2026, 11, 15, 6)


@pytest.fixture
def fixed(home: Home) -> Home:
    """700 ₽ on the fifteenth."""
    home.switch_on(kind="fixed", amount="700", day="15")
    return home


def off(home: Home) -> str:
    """Why it has ended, by the page; it has taken nothing."""
    home.sign_in_again()
    page = home.browser.page(f"/pay/autopay/{home.account.id}").text
    assert "Автоплатёж включён" not in page
    assert home.taken() == []
    return page


def test_on_and_off_are_written_down_and_told(fixed: Home) -> None:
    path = f"/pay/autopay/{fixed.account.id}"
    assert fixed.browser.submit(path, f"{path}/off", {}).status_code == 303
    assert "Автоплатёж выключен" in fixed.browser.page(f"{path}?done=off").text
    assert fixed.journal() == ["autopay_on", "autopay_off"]
    told = fixed.ask("SELECT payload FROM outbox WHERE template = 'security'")
    assert {"autopay_on", "autopay_off"} <= {
        what for row in told for what in ("autopay_on", "autopay_off") if what in row.payload
    }
    fixed.until(*NOVEMBER)
    assert fixed.taken() == []


def test_off_after_the_notice_takes_nothing(fixed: Home) -> None:
    fixed.until(2026, 11, 14, 6)
    fixed.sign_in_again()
    path = f"/pay/autopay/{fixed.account.id}"
    fixed.browser.submit(path, f"{path}/off", {})
    fixed.until(*NOVEMBER)
    assert fixed.taken() == []
    assert fixed.months() == [("2026-11", "skipped", 700_00, "")]


def test_without_money_it_tries_three_times_a_day_apart_and_says_why(fixed: Home) -> None:
    fixed.decline(Reason.NOT_ENOUGH_MONEY)
    before = fixed.bank.orders()
    fixed.until(2026, 11, 15, 8)
    assert fixed.bank.orders() == before + 1
    (letter,) = fixed.told("failed")
    assert "На карте не хватает денег" in letter
    assert "Повторим" in letter
    fixed.until(2026, 11, 25)
    assert fixed.bank.orders() == before + 3
    letters = fixed.told("failed")
    assert len(letters) == 3
    assert "В этом месяце больше пробовать не будем" in letters[-1]
    assert fixed.months() == [("2026-11", "failed", 700_00, "not_enough_money")]
    fixed.sign_in_again()
    page = fixed.browser.page(f"/pay/autopay/{fixed.account.id}")
    assert "На карте не хватает денег" in page.text
    (last,) = fixed.ask("SELECT max(id) AS id FROM payment_orders")
    assert f"/pay/orders/{last.id}" in page.links
    assert fixed.taken() == []


def test_money_that_came_by_the_second_day_is_taken_once(fixed: Home) -> None:
    fixed.decline(Reason.NOT_ENOUGH_MONEY)
    fixed.until(2026, 11, 15, 8)
    fixed.decline(None)
    fixed.until(2026, 11, 25)
    assert fixed.taken() == [700_00]
    assert fixed.months() == [("2026-11", "paid", 700_00, "")]


def test_two_months_that_failed_end_it(fixed: Home) -> None:
    fixed.decline(Reason.NOT_ENOUGH_MONEY)
    fixed.until(2026, 12, 25)
    assert "Банк не пропустил платежи" in off(fixed)
    assert "Автоплатёж выключен" in fixed.told("failed")[-1]
    orders = fixed.bank.orders()
    fixed.until(2027, 1, 20)
    assert fixed.bank.orders() == orders


def test_a_card_that_will_never_do_ends_it_at_once(fixed: Home) -> None:
    fixed.decline(Reason.CARD_EXPIRED)
    before = fixed.bank.orders()
    fixed.until(2026, 11, 25)
    assert fixed.bank.orders() == before + 1
    assert "Срок действия карты" in fixed.told("failed")[0]
    assert "Банк не пропустил платежи" in off(fixed)
    assert fixed.journal() == ["autopay_on", "autopay_off"]


def test_a_late_success_of_yesterday_is_not_paid_again(fixed: Home) -> None:
    fixed.decline(Reason.NOT_ENOUGH_MONEY)
    fixed.until(2026, 11, 15, 8)
    (order,) = fixed.ask("SELECT reference FROM payment_orders WHERE state = 'failed'")
    fixed.decline(None)
    fixed.bank.pay(order.reference)
    fixed.until(2026, 11, 20)
    assert fixed.taken() == [700_00]
    assert fixed.months() == [("2026-11", "paid", 700_00, "")]


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DEAF])
def test_a_bank_that_is_silent_is_asked_again_and_takes_once(fixed: Home, fault: Fault) -> None:
    fixed.until(2026, 11, 15, 4)
    fixed.bank.spoil(fault)
    fixed.until(2026, 11, 16)
    assert fixed.taken() == [700_00]
    assert fixed.months() == [("2026-11", "paid", 700_00, "")]


def test_a_locked_cabinet_stops_it_and_it_stays_off_once_open(fixed: Home) -> None:
    fixed.until(2026, 11, 14, 6)
    fixed.sign_in_again()
    fixed.browser.submit("/profile/freeze", "/profile/freeze", {})
    assert fixed.journal() == ["autopay_on", "autopay_off"]
    fixed.until(*NOVEMBER)
    assert fixed.taken() == []
    with fixed.core.database.work() as work:
        work.exec_driver_sql("UPDATE users SET frozen_at = NULL")
    assert "Кабинет был заблокирован" in off(fixed)
    fixed.until(2026, 12, 20)
    assert fixed.taken() == []


def test_an_order_that_waits_is_not_given_to_the_bank_once_the_cabinet_is_locked(
    fixed: Home,
) -> None:
    fixed.until(2026, 11, 15, 4)
    fixed.bank.is_down = True
    fixed.until(2026, 11, 15, 6)
    fixed.sign_in_again()
    fixed.browser.submit("/profile/freeze", "/profile/freeze", {})
    fixed.bank.is_down = False
    fixed.until(2026, 11, 20)
    assert fixed.taken() == []
    assert fixed.months()[0][1] == "skipped"
    assert fixed.told("failed") == []


def test_a_removed_card_ends_it_and_is_forgotten_at_the_bank(fixed: Home) -> None:
    (token,) = fixed.bank.tokens
    page = fixed.browser.page("/pay/cards")
    assert "•••• 0004" in page.text
    assert "МИР" in page.text
    assert "Сохранена 3 ноября" in page.text
    check = fixed.browser.page("/pay/cards/1/remove").text
    assert "Вместе с ней выключится автоплатёж" in check
    assert fixed.browser.submit("/pay/cards/1/remove", "/pay/cards/1/remove", {}).status_code == 303
    assert "Сохранённых карт нет" in fixed.browser.page("/pay/cards?done=removed").text
    assert token not in fixed.bank.tokens
    assert fixed.ask("SELECT id FROM payment_cards") == []
    assert "Карта удалена" in off(fixed)
    fixed.until(*NOVEMBER)
    assert fixed.taken() == []


def test_a_card_is_its_owners_alone(fixed: Home) -> None:
    stranger = fixed.make.user()
    fixed.make.account(stranger)
    browser = fixed.sign_in(stranger)
    assert browser.get("/pay/cards/1/remove").status_code == 404
    assert "0004" not in browser.page("/pay/cards").text


def test_an_account_that_was_taken_out_is_paid_no_more(fixed: Home) -> None:
    path = f"/profile/accounts/{fixed.account.id}"
    fixed.make.link(other := fixed.make.user(), fixed.account.id, Role.OWNER)
    assert fixed.browser.submit(f"{path}/unlink", f"{path}/unlink", {}).status_code == 303
    fixed.until(*NOVEMBER)
    assert fixed.taken() == []
    assert fixed.journal() == ["autopay_on", "autopay_off"]
    page = fixed.sign_in(other).page(f"/pay/autopay/{fixed.account.id}").text
    assert "Включить автоплатёж" in page


def test_who_may_no_longer_pay_pays_no_more(fixed: Home) -> None:
    with fixed.core.database.work() as work:
        work.exec_driver_sql("UPDATE memberships SET role = 'reader'")
    fixed.until(*NOVEMBER)
    assert fixed.taken() == []
    assert fixed.ask("SELECT end_reason FROM autopays")[0].end_reason == "unlinked"


def test_who_loses_the_right_a_moment_before_the_payment_pays_nothing(fixed: Home) -> None:
    """Between two looks at who may still pay, the worker asks once more."""
    fixed.until(2026, 11, 15, 4)
    with fixed.core.database.work() as work:
        work.exec_driver_sql("UPDATE memberships SET role = 'reader'")
    fixed.clock.moment = START.replace(day=15, hour=6)
    with fixed.app.app_context():
        runs.sweep()
    assert fixed.months() == [("2026-11", "skipped", 700_00, "")]
    assert fixed.ask("SELECT end_reason FROM autopays")[0].end_reason == "unlinked"
    fixed.until(2026, 12, 20)
    assert fixed.taken() == []


def test_a_cabinet_locked_while_the_order_is_written_pays_nothing(
    fixed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed.until(2026, 11, 15, 4)

    def slowly(wish: Wish) -> object:
        monkeypatch.setattr(runs, "place", place)
        with fixed.core.database.work() as work:
            work.exec_driver_sql("UPDATE users SET frozen_at = '2026-11-15 05:00:00'")
        return place(wish)

    monkeypatch.setattr(runs, "place", slowly)
    fixed.clock.moment = START.replace(day=15, hour=6)
    with fixed.app.app_context():
        runs.sweep()
    assert fixed.months() == [("2026-11", "skipped", 700_00, "")]
    assert fixed.ask("SELECT end_reason FROM autopays")[0].end_reason == "frozen"
    assert fixed.taken() == []


def test_a_deleted_cabinet_leaves_no_token_and_no_autopay(fixed: Home) -> None:
    (token,) = fixed.bank.tokens
    url = "/profile/data/delete"
    page = fixed.browser.page(url)
    assert "Сохранённые карты удаляются" in page.text
    assert "402-ФЗ" in page.text
    fixed.browser.submit(url, url, {"word": "удалить"})
    assert token not in fixed.bank.tokens
    assert fixed.ask("SELECT id FROM payment_cards") == []
    assert len(fixed.ask("SELECT id FROM payment_orders")) == 1
    fixed.until(*NOVEMBER)
    assert fixed.taken() == []


def test_the_copy_of_ones_data_has_cards_payments_and_autopays(fixed: Home) -> None:
    (token,) = fixed.bank.tokens
    fixed.until(2026, 11, 15, 8)
    fixed.sign_in_again()
    answer = fixed.browser.submit("/profile/data", "/profile/data/json", {})
    assert answer.is_json
    told = answer.get_json()
    assert [(card["brand"], card["last4"]) for card in told["cards"]] == [("mir", "0004")]
    assert [each["sum"] for each in told["payments"]] == [100_00, 700_00]
    (autopay,) = told["autopays"]
    assert (autopay["kind"], autopay["sum"], autopay["day"]) == ("fixed", 700_00, 15)
    assert token not in answer.text
    paper = fixed.browser.submit("/profile/data", "/profile/data/pdf", {})
    assert paper.data.startswith(b"%PDF")


def test_what_is_charged_is_the_months_own(home: Home) -> None:
    """A bill of a month that has failed is in the next month's, and not taken twice."""
    home.switch_on(day="15")
    home.charge_bill(date(2026, 11, 1), 900_00)
    home.decline(Reason.NOT_ENOUGH_MONEY)
    home.until(2026, 11, 25)
    home.decline(None)
    home.charge_bill(date(2026, 12, 1), 800_00)
    home.until(2026, 12, 16)
    assert home.taken() == [1_700_00]
