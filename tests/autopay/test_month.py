"""A month of autopay, and the next, with the clock moved."""

from datetime import date

from tests.autopay.conftest import Home


def test_a_bill_is_paid_on_its_day_and_told_a_day_before(home: Home) -> None:
    home.switch_on(day="15")
    home.charge_bill(date(2026, 11, 1), 1_200_00)
    home.until(2026, 11, 14, 4)
    assert home.told("notice") == []
    home.until(2026, 11, 14, 6)
    (letter,) = home.told("notice")
    assert "1 200,00 ₽" in letter
    assert "15" in letter
    assert home.taken() == []
    home.until(2026, 11, 15, 6)
    assert home.taken() == [1_200_00]
    assert home.months() == [("2026-11", "paid", 1_200_00, "")]
