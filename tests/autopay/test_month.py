"""Months of autopay, with the clock moved."""

from datetime import date, timedelta

import pytest

from tests.autopay.conftest import Home, skip_link
from tesweb.money import Kopecks
from tesweb.payments.gateways import Teller
from tesweb.payments.protocol import Way
from tesweb.testing.bank import BankGateway
from tesweb.testing.client import SAME_ORIGIN, Client


def test_a_bill_is_paid_on_its_day_and_told_a_day_before(home: Home) -> None:
    home.switch_on(day="15")
    home.charge_bill(date(2026, 11, 1), 1_200_00)
    home.until(2026, 11, 14, 4)
    assert home.told("notice") == []
    home.until(2026, 11, 14, 6)
    (letter,) = home.told("notice")
    assert "1 200,00 ₽" in letter
    assert "15 ноября" in letter
    assert home.taken() == []
    home.until(2026, 11, 15, 6)
    assert home.taken() == [1_200_00]
    assert home.months() == [("2026-11", "paid", 1_200_00, "")]


def test_month_after_month_each_is_taken_once(home: Home) -> None:
    home.switch_on(kind="fixed", amount="700", day="5")
    home.until(2027, 2, 6)
    assert home.taken() == [700_00] * 4
    assert [month[:2] for month in home.months()] == [
        ("2026-11", "paid"),
        ("2026-12", "paid"),
        ("2027-01", "paid"),
        ("2027-02", "paid"),
    ]
    assert len(home.told("notice")) == 4


def test_day_31_is_the_last_day_of_february(home: Home) -> None:
    home.clock.moment += timedelta(days=85)  # 27 January 2027
    home.sign_in_again()
    home.switch_on(kind="fixed", amount="700", day="31")
    home.until(2027, 2, 28, 4)
    assert home.taken() == [700_00]
    home.until(2027, 2, 28, 6)
    assert home.taken() == [700_00, 700_00]
    home.until(2027, 3, 30, 12)
    assert len(home.taken()) == 2
    home.until(2027, 3, 31, 6)
    assert len(home.taken()) == 3


def test_a_bill_that_comes_is_paid_a_day_after_it_was_told(home: Home) -> None:
    home.switch_on(when="bill", day="")
    home.until(2026, 11, 30)
    assert home.months() == []
    home.charge_bill(date(2026, 11, 1), 950_00)
    home.until(2026, 12, 1, 4)
    assert len(home.told("notice")) == 1
    assert home.taken() == []
    home.until(2026, 12, 2, 6)
    assert home.taken() == [950_00]
    home.until(2026, 12, 28)
    assert home.months() == [("2026-12", "paid", 950_00, "")]


def test_a_day_that_has_gone_by_is_not_taken_for_this_month(home: Home) -> None:
    home.switch_on(kind="fixed", amount="700", day="3")
    home.until(2026, 12, 2, 4)
    assert home.taken() == []
    home.until(2026, 12, 3, 12)
    assert home.taken() == [700_00]


def test_a_worker_that_was_down_still_tells_a_whole_day_ahead(home: Home) -> None:
    home.switch_on(kind="fixed", amount="700", day="10")
    home.clock.moment += timedelta(days=9)  # two days past the day
    home.work()
    assert len(home.told("notice")) == 1
    home.clock.moment += timedelta(hours=23)
    home.work()
    assert home.taken() == []
    home.clock.moment += timedelta(hours=2)
    home.work()
    assert home.taken() == [700_00]


@pytest.mark.parametrize("whose", ["own", "a stranger's"])
def test_the_link_of_the_notice_passes_over_one_month(
    home: Home, client: Client, whose: str
) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    home.until(2026, 11, 14, 6)
    link = skip_link(home.told("notice")[0])
    browser = home.browser if whose == "own" else client
    assert "700" in browser.page(link).text
    assert home.months()[0][1] == "noticed", "a look alone has skipped it"
    assert browser.submit(link, link, {}).status_code == 303
    assert "Списание пропущено" in browser.page(link).text
    home.until(2026, 11, 20)
    assert home.taken() == []
    home.until(2026, 12, 15, 12)
    assert home.taken() == [700_00]
    assert [month[1] for month in home.months()] == ["skipped", "paid"]


def test_it_is_too_late_to_skip_what_was_taken(home: Home, client: Client) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    home.until(2026, 11, 14, 6)
    link = skip_link(home.told("notice")[0])
    home.until(2026, 11, 15, 4)
    token = client.page(link).form(link).fields
    home.until(2026, 11, 15, 6)
    assert client.post(link, data=token, headers=SAME_ORIGIN).status_code == 303
    assert "Пропускать уже нечего" in client.page(link).text
    assert home.months()[0][1] == "paid"


def test_a_forged_link_is_nothing(home: Home, client: Client) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    home.until(2026, 11, 14, 6)
    link = skip_link(home.told("notice")[0])
    assert client.get(f"{link}x").status_code == 404


def test_what_was_paid_by_hand_meanwhile_is_not_taken_again(home: Home) -> None:
    home.switch_on(day="15")
    home.charge_bill(date(2026, 11, 1), 1_200_00)
    home.until(2026, 11, 14, 6)
    home.make.payment(home.account, date(2026, 11, 14), 1_000_00)
    home.until(2026, 11, 15, 6)
    assert home.taken() == [200_00]
    assert home.months() == [("2026-11", "paid", 200_00, "")]


def test_nothing_is_taken_where_nothing_is_owed(home: Home) -> None:
    home.switch_on(day="15")
    home.until(2026, 11, 20)
    assert home.months() == [("2026-11", "nothing", 0, "")]
    assert home.told("notice") == []


def test_a_bill_above_the_cap_is_held_and_told(home: Home) -> None:
    home.switch_on(day="15", amount="1100")
    home.charge_bill(date(2026, 11, 1), 1_150_00)
    home.until(2026, 11, 20)
    assert home.taken() == []
    assert home.months() == [("2026-11", "held", 1_150_00, "cap")]
    (letter,) = home.told("held")
    assert "больше суммы, которую вы разрешили" in letter
    assert f"/pay/{home.account.id}" in letter


def test_a_bill_far_above_usual_is_held_and_told(home: Home) -> None:
    home.switch_on(day="15", amount="50000")
    home.charge_bill(date(2026, 11, 1), 2_100_00)
    home.until(2026, 11, 20)
    assert home.taken() == []
    assert home.months() == [("2026-11", "held", 2_100_00, "unusual")]
    (letter,) = home.told("held")
    assert "намного больше обычного" in letter
    home.sign_in_again()
    page = home.browser.page(f"/pay/autopay/{home.account.id}").text
    assert "Счёт намного больше обычного" in page
    home.make.payment(home.account, date(2026, 11, 21), 2_100_00)
    home.charge_bill(date(2026, 12, 1), 1_000_00)
    home.until(2026, 12, 15, 6)
    assert home.taken() == [1_000_00], "one month that was held has stopped the next"


class Dear(BankGateway):
    """A bank that wants ten rubles on top."""

    def fee(self, amount: Kopecks, way: Way) -> Kopecks:
        del amount, way
        return Kopecks(10_00)


def test_the_notice_tells_the_sum_with_the_fee(home: Home) -> None:
    home.core.gateways["memory"] = Teller(Dear(home.bank))
    home.switch_on(kind="fixed", amount="700", day="15")
    home.until(2026, 11, 14)
    (notice,) = home.told("notice")
    assert "710,00 ₽" in notice
    home.until(2026, 11, 16)
    assert home.taken() == [710_00]


def test_a_gateway_that_was_taken_out_takes_nothing_and_that_is_told(home: Home) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    del home.core.gateways["memory"]
    home.until(2026, 11, 14)
    (notice,) = home.told("notice")
    assert "700,00 ₽" in notice
    home.until(2026, 11, 25)
    assert home.taken() == []
    assert home.months() == [("2026-11", "failed", 700_00, "bank_unavailable")]
    assert len(home.told("failed")) == 3
