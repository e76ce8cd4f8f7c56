"""From the table over the check to the receipt, once and again."""

from collections.abc import Callable

import pytest

from tests.plugins.readings.homes import Home
from tests.plugins.readings.steps import DAY_NIGHT, check, checked, send, sent, stored
from tesweb.accounts.models import Role
from tesweb.current import Core
from tesweb.meters.models import State
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser
from tesweb.testing.pages import Page

# ---- the straight way


def test_from_the_table_to_the_receipt_and_the_history(
    home: Callable[..., Home], core: Core
) -> None:
    page = home("1000")
    answer = check(page, " 01 120 ")
    text = Page(answer.text).text
    for expected in ("01120", "120 кВт·ч", "Примерно к оплате", "Продолжить"):
        assert expected in text
    receipt = sent(page, "1120")
    for expected in (
        "Показания приняты",
        "№ 1",
        "20 ноября 2026, 12:00 (МСК+2)",
        "ноябрь 2026",
        "01120",
    ):
        assert expected in receipt.text
    assert "Тюмень" in receipt.text
    past = page.browser.page(page.url()).text
    assert "квитанция № 1" in past
    assert "передал жилец принято" in past
    assert stored(core, page) == [(1, 1120, State.ACCEPTED)]


def test_the_receipt_is_the_account_s_own(home: Callable[..., Home]) -> None:
    mine, theirs = home("1000"), home("1000")
    sent(theirs, "1100")
    assert mine.browser.get(mine.url("receipts/1")).status_code == 404
    assert mine.browser.get(mine.url("receipts/999")).status_code == 404


def test_two_zones_are_sent_together(home: Callable[..., Home], core: Core) -> None:
    page = home("1000", "500", zones=DAY_NIGHT)
    assert "Примерно к оплате" in Page(check(page, "1110", "540").text).text
    sent(page, "1110", "540")
    assert stored(core, page) == [(1, 1110, State.ACCEPTED), (2, 540, State.ACCEPTED)]


def test_rollover_is_explained_and_asked(home: Callable[..., Home], core: Core) -> None:
    page = home("9993", digits=4, monthly=15)
    answer = check(page, "0007")
    text = Page(answer.text).text
    assert "Было 9993, стало 0007: счётчик дошёл до 9999 и снова начал с нуля" in text
    assert "14 кВт·ч" in text
    fields = Page(answer.text).form(page.url("send")).fields
    refused = send(page, fields)
    assert refused.status_code == 422
    assert "Отметьте, если всё верно" in Page(refused.text).text
    assert stored(core, page) == []
    kept = Page(refused.text).form(page.url("send")).fields
    assert {name: kept[name] for name in ("key", "seen", "reading-1-1")} == {
        name: fields[name] for name in ("key", "seen", "reading-1-1")
    }
    assert send(page, kept | {"confirm": "1-1-rollover"}).status_code == 303
    assert stored(core, page) == [(1, 7, State.ACCEPTED)]


@pytest.mark.parametrize(
    ("value", "words", "box"),
    [
        ("1700", "намного больше обычного: около 100 кВт·ч в месяц", "1-1-far_above"),
        ("11003", "красную цифру после запятой. Без неё показание 01100", "1-1-times_ten"),
    ],
)
def test_doubts_are_asked(
    home: Callable[..., Home], core: Core, value: str, words: str, box: str
) -> None:
    page = home("1000")
    answer = check(page, value)
    assert answer.status_code == 200
    assert words in Page(answer.text).text
    fields = Page(answer.text).form(page.url("send")).fields
    assert send(page, fields).status_code == 422
    assert stored(core, page) == []
    assert send(page, fields | {"confirm": box}).status_code == 303
    assert stored(core, page) == [(1, int(value), State.ACCEPTED)]


def test_digits_after_the_comma_are_dropped_with_a_note(
    home: Callable[..., Home], core: Core
) -> None:
    page = home("1000")
    text = Page(check(page, "1100,7").text).text
    assert "Цифры после запятой не нужны, взяли 01100" in text
    sent(page, "1100.7")
    assert stored(core, page) == [(1, 1100, State.ACCEPTED)]


def test_change_brings_the_values_back(home: Callable[..., Home]) -> None:
    page = home("1000")
    address = page.url("?reading-1-1=01120")
    assert address in Page(check(page, "1120").text).links
    assert page.browser.page(address).form(page.url("check")).fields["reading-1-1"] == "01120"


def test_nothing_was_consumed_is_one_tap(home: Callable[..., Home], core: Core) -> None:
    page = home("1000")
    answer = check(page, "", same="1-1")
    assert answer.status_code == 200
    assert "Показание прежнее: расход 0 кВт·ч" in Page(answer.text).text
    assert send(page, Page(answer.text).form(page.url("send")).fields).status_code == 303
    assert stored(core, page) == [(1, 1000, State.ACCEPTED)]


def test_with_two_zones_one_tap_fills_its_own(home: Callable[..., Home]) -> None:
    page = home("1000", "500", zones=DAY_NIGHT)
    assert "Ночь (Т2): расхода не было" in page.browser.page(page.url()).text
    answer = check(page, "", "", same="1-2")
    assert answer.status_code == 200
    assert "Мы подставили прежнее показание. Заполните остальные зоны" in Page(answer.text).text
    fields = Page(answer.text).form(page.url("check")).fields
    assert (fields["reading-1-1"], fields["reading-1-2"]) == ("", "00500")
    assert 'role="alert" tabindex' not in answer.text
    assert "Проверьте показания" in Page(check(page, "1100", "", same="1-2").text).text


def test_the_enter_key_sends_the_form_and_not_the_tap(home: Callable[..., Home]) -> None:
    page = home("1000")
    buttons = page.browser.page(page.url()).form(page.url("check")).buttons
    assert buttons[0] == ("", "")


# ---- once, and again


def test_the_same_form_twice_is_one_reading(home: Callable[..., Home], core: Core) -> None:
    page = home("1000")
    fields = checked(page, "1120")
    first, again = send(page, fields), send(page, fields)
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert stored(core, page) == [(1, 1120, State.ACCEPTED)]


def test_two_tabs_with_the_same_value_are_one_reading(
    home: Callable[..., Home], core: Core
) -> None:
    page = home("1000")
    one, other = checked(page, "1120"), checked(page, "1120")
    assert one["key"] != other["key"]
    assert send(page, one).location == send(page, other).location
    assert stored(core, page) == [(1, 1120, State.ACCEPTED)]


def test_a_correction_replaces_and_keeps(home: Callable[..., Home], core: Core) -> None:
    page = home("1000")
    sent(page, "1120")
    assert "Показания за ноябрь 2026 уже переданы" in page.browser.page(page.url()).text
    assert "Новые заменят их" in Page(check(page, "1110").text).text
    sent(page, "1110")
    assert stored(core, page) == [(1, 1120, State.SUPERSEDED), (1, 1110, State.ACCEPTED)]
    assert "заменено новым" in page.browser.page(page.url()).text
    assert "заменено новым" in page.browser.page(page.url("receipts/1")).text


def test_two_of_a_household_at_once_the_second_sees_it(
    home: Callable[..., Home], make: Factory, sign_in: Callable[[MadeUser], Client], core: Core
) -> None:
    page = home("1000")
    other = make.user(name="Пётр")
    make.link(other, page.account.id, Role.PAYER)
    theirs = Home(other, page.account, page.meter, sign_in(other))
    mine = checked(page, "1120")
    sent(theirs, "1130")
    answer = send(page, mine)
    assert answer.status_code == 409
    text = Page(answer.text).text
    assert "показания передал другой пользователь: Пётр, 20 ноября 2026, 12:00 (МСК+2)" in text
    assert ", Круглосуточно: 01130" in text
    assert stored(core, page) == [(1, 1130, State.ACCEPTED)]
    anyway = Page(answer.text).form(page.url("send")).fields
    assert send(page, anyway).status_code == 303
    assert stored(core, page) == [(1, 1130, State.SUPERSEDED), (1, 1120, State.ACCEPTED)]


def test_one_s_own_other_window_is_told_apart(home: Callable[..., Home]) -> None:
    page = home("1000")
    late = checked(page, "1120")
    sent(page, "1130")
    assert "из другого окна" in Page(send(page, late).text).text
