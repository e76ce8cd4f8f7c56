"""Back, again, and slips of the finger on the way from the table to the receipt."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from tests.plugins.readings.homes import Home
from tests.plugins.readings.steps import DAY_NIGHT, check, checked, send, sent, stored
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity.session import COOKIE
from tesweb.meters.models import Meter, Register, State
from tesweb.testing.client import SAME_ORIGIN
from tesweb.testing.factories import Factory
from tesweb.testing.pages import Page

meters = table_of(Meter)
registers = table_of(Register)

# ---- the check page has an address


def test_the_check_page_can_be_reloaded(home: Callable[..., Home]) -> None:
    page = home("1000")
    asked = page.browser.page(page.url()).form(page.url("check"))
    assert asked.method == "get"
    assert "csrf_token" not in asked.names
    answer = page.browser.get(page.url("check?reading-1-1=1120"))
    assert "Проверьте показания" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_back_from_the_receipt_offers_no_second_sending(
    home: Callable[..., Home], core: Core
) -> None:
    page = home("1000")
    sent(page, "1120")
    again = page.browser.page(page.url("check?reading-1-1=1120"))
    assert "Эти показания уже приняты: квитанция № 1" in again.text
    assert page.url("receipts/1") in again.links
    assert "Продолжить" not in again.text
    other = page.browser.page(page.url("check?reading-1-1=1130"))
    assert "Продолжить" in other.text
    assert stored(core, page) == [(1, 1120, State.ACCEPTED)]


def test_a_correction_names_what_it_replaces(home: Callable[..., Home]) -> None:
    page = home("1000")
    sent(page, "1120")
    correction = sent(page, "1130")
    assert "Заменяет квитанция № 1" in correction.text
    assert page.url("receipts/1") in correction.links
    first = page.browser.page(page.url("receipts/1"))
    assert "Позже эти показания заменены: квитанция № 2" in first.text
    assert page.url("receipts/2") in first.links


def test_the_receipt_explains_a_dial_that_started_at_zero_again(
    home: Callable[..., Home],
) -> None:
    page = home("9993", digits=4, monthly=15)
    fields = checked(page, "0007") | {"confirm": "1-1-rollover"}
    text = page.browser.page(send(page, fields).location).text
    assert "Было 9993, стало 0007: счётчик дошёл до 9999 и снова начал с нуля." in text
    assert "Расход 14 кВт·ч" in text
    assert text.count("ноябрь 2026") == 1


# ---- slips of the finger


def test_a_red_digit_is_taken_off_by_one_tap(home: Callable[..., Home]) -> None:
    page = home("1000")
    doubted = Page(check(page, "11003").text)
    assert "₽" not in doubted.text
    assert page.url("check?reading-1-1=01100") in doubted.links
    assert "Записать 01100" in doubted.text
    far = Page(check(page, "1700").text)
    assert "Если показание верное, примерно к оплате" in far.text


def test_a_digit_too_many_is_taken_off_by_one_tap(home: Callable[..., Home]) -> None:
    page = home("9100", digits=4)
    answer = check(page, "92003")
    assert answer.status_code == 422
    assert "Без последней цифры: 9200" in Page(answer.text).text
    form = Page(answer.text).form(page.url("check"))
    assert ("short", "1-1") in form.buttons
    taken = page.browser.get(page.url("check"), query_string=form.fields | {"short": "1-1"})
    assert taken.status_code == 200
    assert Page(taken.text).form(page.url("send")).fields["reading-1-1"] == "9200"
    assert ("short", "1-1") not in Page(check(page, "12345").text).form(page.url("check")).buttons


def test_doubted_zones_are_exchanged_by_one_tap(home: Callable[..., Home]) -> None:
    page = home("1000", "1050", zones=DAY_NIGHT)
    doubted = Page(check(page, "1320", "1100").text)
    assert "Похоже, вы перепутали зоны" in doubted.text
    assert "₽" not in doubted.text
    (address,) = {link for link in doubted.links if "swap=1" in link}
    answer = page.browser.get(address)
    assert Page(answer.text).form(page.url("send")).fields["reading-1-2"] == "01320"


def test_a_replaced_meter_is_told_with_its_day(
    home: Callable[..., Home], make: Factory, core: Core
) -> None:
    page = home("1000", digits=4)
    make.meter(page.account, digits=4, serial="00999", installed_on=date(2026, 11, 5))
    with core.database.work() as work:
        at = {"account_id": page.account.id, "meter_no": 1}
        work.execute(meters.update().filter_by(**at).values(removed_on=date(2026, 11, 5)))
        work.execute(registers.update().filter_by(**at).values(final=Decimal(1040)))
    text = page.browser.page(page.url()).text
    assert f"Счётчик № 0{page.account.id:07d}1 снят 5 ноября 2026." in text
    seen = Page(page.browser.get(page.url("check?reading-2-1=0060")).text).text
    assert "снят 5 ноября 2026, до последнего показания 1000 1040 40 кВт·ч" in seen


def test_who_was_signed_out_meanwhile_signs_in_and_comes_back(home: Callable[..., Home]) -> None:
    page = home("1000")
    address = page.url("check?reading-1-1=1120")
    filled = page.browser.page(address).form(page.url("send")).fields
    page.browser.delete_cookie(COOKIE)
    headers = SAME_ORIGIN | {"Referer": f"https://localhost{address}"}
    answer = page.browser.post(page.url("send"), data=filled, headers=headers)
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"next": [address]}


def test_a_digit_too_many_stays_in_sight(home: Callable[..., Home]) -> None:
    page = home("9993", digits=4)
    answer = page.browser.get(page.url("check?reading-1-1=99931"))
    assert answer.status_code == 422
    assert 'class="dial d5"' in answer.text
    assert 'class="dial d4"' in page.browser.get(page.url()).text
