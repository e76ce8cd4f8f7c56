"""Sending a reading: the table, the check, the receipt, and every way it may go wrong."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.plugins.readings.conftest import Home
from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.meters.models import Reading, State, Zone
from tesweb.testing.client import FRAGMENT, SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser
from tesweb.testing.pages import Page

readings = table_of(Reading)
NOVEMBER = date(2026, 11, 1)
DAY_NIGHT = (Zone.DAY, Zone.NIGHT)


def check(home: Home, *values: str, **fields: str) -> TestResponse:
    typed = {f"reading-1-{number}": value for number, value in enumerate(values, start=1)}
    return home.browser.submit(home.url(), home.url("check"), typed | fields)


def checked(home: Home, *values: str) -> dict[str, str]:
    answer = check(home, *values)
    assert answer.status_code == 200, Page(answer.text).text
    return Page(answer.text).form(home.url("send")).fields


def send(home: Home, fields: dict[str, str]) -> TestResponse:
    return home.browser.post(home.url("send"), data=fields, headers=SAME_ORIGIN)


def sent(home: Home, *values: str) -> Page:
    answer = send(home, checked(home, *values))
    assert answer.status_code == 303, Page(answer.text).text
    return home.browser.page(answer.location)


def stored(core: Core, home: Home) -> list[tuple[int, int, str]]:
    of_november = select(readings.c.register_no, readings.c.value, readings.c.state).where(
        readings.c.account_id == home.account.id, readings.c.period == NOVEMBER
    )
    with core.database.read() as reader:
        rows = reader.execute(of_november.order_by(readings.c.register_no, readings.c.version))
        return [(number, int(value), state) for number, value, state in rows]


# ---- the table


def test_the_table_has_one_empty_column_and_the_rest_filled_in(home: Callable[..., Home]) -> None:
    page = home("1000")
    text = page.browser.page(page.url()).text
    for expected in ("Круглосуточно", "01000", "20 октября 2026", "с 15 по 25 ноября"):
        assert expected in text
    assert "осталось 5 дней" in text
    form = page.browser.page(page.url()).form(page.url("check"))
    assert {name for name in form.names if name != "csrf_token"} == {"reading-1-1"}
    assert form.fields["reading-1-1"] == ""


@pytest.mark.parametrize(
    ("zones", "hours"),
    [
        (DAY_NIGHT, ["День", "7–23", "Ночь", "23–7"]),
        ((Zone.PEAK, Zone.NIGHT, Zone.HALF_PEAK), ["Пик", "7–10, 17–21", "Полупик", "10–17"]),
    ],
)
def test_each_zone_has_a_row_with_its_hours(
    home: Callable[..., Home], zones: tuple[Zone, ...], hours: list[str]
) -> None:
    page = home(*["1000"] * len(zones), zones=zones)
    text = page.browser.page(page.url()).text
    assert [word for word in hours if word not in text] == []
    names = page.browser.page(page.url()).form(page.url("check")).names
    assert len([name for name in names if name.startswith("reading-")]) == len(zones)


def test_the_last_day_is_named(home: Callable[..., Home], clock: FixedClock) -> None:
    clock.moment = datetime(2026, 11, 25, 12, tzinfo=UTC)
    page = home("1000")
    assert "сегодня последний день" in page.browser.page(page.url()).text


def test_without_a_meter_the_page_is_kind(
    make: Factory, sign_in: Callable[[MadeUser], Client]
) -> None:
    user = make.user()
    account = make.account(user, region="tyumen")
    page = sign_in(user).page(f"/readings/{account.id}/")
    assert "нет счётчика" in page.text
    assert [form for form in page.forms if "check" in form.action] == []


def test_a_meter_past_its_verification_is_told(
    make: Factory, sign_in: Callable[[MadeUser], Client]
) -> None:
    user = make.user()
    account = make.account(user, region="tyumen")
    make.meter(account, verified_until=date(2026, 5, 31))
    page = sign_in(user).page(f"/readings/{account.id}/")
    assert "истёк 31 мая 2026" in page.text


def test_one_account_is_opened_at_once_several_are_a_list(
    make: Factory, sign_in: Callable[[MadeUser], Client]
) -> None:
    user = make.user()
    first = make.account(user, region="tyumen")
    browser = sign_in(user)
    assert browser.get("/readings/").location == f"/readings/{first.id}/"
    second = make.account(user, region="vladivostok", category="city")
    links = sign_in(user).page("/readings/").links
    assert {f"/readings/{account.id}/" for account in (first, second)} <= set(links)


def test_nobody_s_account_is_not_found(home: Callable[..., Home]) -> None:
    mine, theirs = home("1000"), home("2000")
    for path in ("", "history", "dispute", "receipts/1", "disputes/1", "disputes/1/photo"):
        assert mine.browser.get(theirs.url(path)).status_code == 404, path
    for path in ("check", "send", "dispute"):
        token = mine.browser.page(mine.url()).form(mine.url("check")).fields
        answer = mine.browser.post(theirs.url(path), data=token, headers=SAME_ORIGIN)
        assert answer.status_code == 404, path


def test_a_reader_looks_and_does_not_send(
    home: Callable[..., Home], make: Factory, sign_in: Callable[[MadeUser], Client], core: Core
) -> None:
    page = home("1000")
    guest = make.user()
    make.link(guest, page.account.id, Role.READER)
    browser = sign_in(guest)
    seen = browser.page(page.url())
    assert "Показания передают владелец" in seen.text
    assert [form.action for form in seen.forms if "readings" in form.action] == []
    token = {"csrf_token": seen.forms[0].fields["csrf_token"], "reading-1-1": "1100"}
    assert browser.post(page.url("check"), data=token, headers=SAME_ORIGIN).status_code == 403
    assert browser.post(page.url("send"), data=token, headers=SAME_ORIGIN).status_code == 403
    assert stored(core, page) == []


def test_a_payer_sends(
    home: Callable[..., Home], make: Factory, sign_in: Callable[[MadeUser], Client], core: Core
) -> None:
    page = home("1000")
    payer = make.user()
    make.link(payer, page.account.id, Role.PAYER)
    sent(Home(payer, page.account, page.meter, sign_in(payer)), "1100")
    assert stored(core, page) == [(1, 1100, State.ACCEPTED)]


# ---- the straight way


def test_from_the_table_to_the_receipt_and_the_history(
    home: Callable[..., Home], core: Core
) -> None:
    page = home("1000")
    answer = check(page, " 01 120 ")
    text = Page(answer.text).text
    for expected in ("01120", "120 кВт·ч", "Предварительно к начислению", "Продолжить"):
        assert expected in text
    receipt = sent(page, "1120")
    for expected in ("Показания приняты", "№ 1", "20 ноября 2026, 12:00", "ноябрь 2026", "01120"):
        assert expected in receipt.text
    assert "Тюмень" in receipt.text
    past = page.browser.page(page.url()).text
    assert "квитанция № 1" in past
    assert "передано жильцом принято" in past
    assert stored(core, page) == [(1, 1120, State.ACCEPTED)]


def test_the_receipt_is_the_account_s_own(home: Callable[..., Home]) -> None:
    mine, theirs = home("1000"), home("1000")
    sent(theirs, "1100")
    assert mine.browser.get(mine.url("receipts/1")).status_code == 404
    assert mine.browser.get(mine.url("receipts/999")).status_code == 404


def test_two_zones_are_sent_together(home: Callable[..., Home], core: Core) -> None:
    page = home("1000", "500", zones=DAY_NIGHT)
    assert "Предварительно" in Page(check(page, "1110", "540").text).text
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
    fields = Page(check(page, "1120").text).form(page.url("check")).fields
    answer = page.browser.post(
        page.url("check"), data=fields | {"change": "1"}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 200
    assert Page(answer.text).form(page.url("check")).fields["reading-1-1"] == "01120"


def test_nothing_was_consumed_is_one_tap(home: Callable[..., Home], core: Core) -> None:
    page = home("1000")
    answer = check(page, "", same="1-1")
    assert answer.status_code == 200
    assert "Расход не изменился" in Page(answer.text).text
    assert send(page, Page(answer.text).form(page.url("send")).fields).status_code == 303
    assert stored(core, page) == [(1, 1000, State.ACCEPTED)]


def test_with_two_zones_one_tap_fills_its_own(home: Callable[..., Home]) -> None:
    page = home("1000", "500", zones=DAY_NIGHT)
    answer = check(page, "", "", same="1-2")
    assert answer.status_code == 200
    fields = Page(answer.text).form(page.url("check")).fields
    assert (fields["reading-1-1"], fields["reading-1-2"]) == ("", "00500")
    assert 'role="alert" tabindex' not in answer.text
    assert "Проверьте показания" in Page(check(page, "1100", "", same="1-2").text).text


def test_the_enter_key_sends_the_form_and_not_the_tap(home: Callable[..., Home]) -> None:
    page = home("1000")
    buttons = page.browser.page(page.url()).form(page.url("check")).buttons
    assert buttons[0] == ("", "")


# ---- what is refused


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "Введите то, что показывает счётчик"),
        ("-5", "нет плюса и минуса"),
        ("12а4", "без букв"),
        ("\u0661\u0662", "цифрами от 0 до 9"),
        ("123456", "5 цифр до запятой"),
        ("900", "меньше, чем в прошлый раз (01000)"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(
    home: Callable[..., Home], core: Core, value: str, words: str
) -> None:
    page = home("1000")
    answer = check(page, value)
    assert answer.status_code == 422
    seen = Page(answer.text)
    assert seen.title.startswith("Ошибка:")
    assert seen.text.count(words) == 2  # in the summary and beside the field
    assert 'href="#reading-1-1"' in answer.text
    assert 'id="reading-1-1-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert seen.form(page.url("check")).fields["reading-1-1"] == value
    assert stored(core, page) == []


def test_what_is_typed_is_shown_again_as_text(home: Callable[..., Home]) -> None:
    answer = check(home("1000"), '"><script>alert(1)</script>')
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text


def test_a_lower_reading_has_a_way_on(home: Callable[..., Home]) -> None:
    page = home("1000")
    links = Page(check(page, "900").text).links
    assert f"{page.url('dispute')}?reading-1-1=900" in links


def test_swapped_zones_are_told_and_exchanged_by_one_tap(
    home: Callable[..., Home], core: Core
) -> None:
    page = home("5000", "2000", zones=DAY_NIGHT)
    answer = check(page, "2060", "5100")
    assert answer.status_code == 422
    assert "поменялись местами" in Page(answer.text).text
    form = Page(answer.text).form(page.url("check"))
    assert ("swap", "1") in form.buttons
    exchanged = page.browser.post(
        page.url("check"), data=form.fields | {"swap": "1"}, headers=SAME_ORIGIN
    )
    assert exchanged.status_code == 200
    assert send(page, Page(exchanged.text).form(page.url("send")).fields).status_code == 303
    assert stored(core, page) == [(1, 5100, State.ACCEPTED), (2, 2060, State.ACCEPTED)]


@pytest.mark.parametrize(
    "change",
    [
        {"reading-1-1": "900"},
        {"reading-1-1": "abc"},
        {"reading-1-1": "123456"},
        {"reading-1-2": "5"},
        {"reading-9-9": "5"},
        {"seen": "forged"},
        {"seen": ""},
        {"confirm": "1-1-nonsense", "reading-1-1": "9000"},
    ],
)
def test_a_tampered_check_page_writes_nothing(
    home: Callable[..., Home], core: Core, change: dict[str, str]
) -> None:
    page = home("1000")
    answer = send(page, checked(page, "1120") | change)
    assert answer.status_code in {409, 422}
    assert stored(core, page) == []


def test_without_a_token_nothing_is_taken(home: Callable[..., Home], core: Core) -> None:
    page = home("1000")
    fields = checked(page, "1120") | {"csrf_token": ""}
    assert send(page, fields).status_code == 400
    assert stored(core, page) == []


def test_one_of_two_meters_may_be_left_out(
    home: Callable[..., Home], make: Factory, core: Core
) -> None:
    page = home("1000")
    make.meter(page.account)
    sent(page, "1100")
    assert stored(core, page) == [(1, 1100, State.ACCEPTED)]


def test_after_a_later_reading_the_form_is_closed(
    home: Callable[..., Home], make: Factory, core: Core
) -> None:
    page = home("1000")
    fields = checked(page, "1100")
    make.reading(page.meter, date(2026, 12, 1), "1300")
    assert "За декабрь 2026 показание уже есть" in page.browser.page(page.url()).text
    assert send(page, fields).status_code == 422
    assert stored(core, page) == []


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
    assert "передал(а) другой пользователь: Пётр" in text
    assert "1 130" in text
    assert stored(core, page) == [(1, 1130, State.ACCEPTED)]
    anyway = Page(answer.text).form(page.url("send")).fields
    assert send(page, anyway).status_code == 303
    assert stored(core, page) == [(1, 1130, State.SUPERSEDED), (1, 1120, State.ACCEPTED)]


def test_one_s_own_other_window_is_told_apart(home: Callable[..., Home]) -> None:
    page = home("1000")
    late = checked(page, "1120")
    sent(page, "1130")
    assert "из другого окна" in Page(send(page, late).text).text


# ---- the window


def test_outside_the_window_it_counts_for_the_next_month_and_says_so(
    home: Callable[..., Home], clock: FixedClock, core: Core
) -> None:
    clock.moment = datetime(2026, 11, 25, 19, 30, tzinfo=UTC)  # half past midnight in Tyumen
    page = home("1000")
    assert "учтём за декабрь 2026" in page.browser.page(page.url()).text
    assert "учтём за декабрь 2026" in Page(check(page, "1120").text).text
    assert "Учтём их в счёте за декабрь 2026" in sent(page, "1120").text
    assert stored(core, page) == []


# ---- fragments


def test_htmx_gets_the_fragment_and_a_whole_page_where_it_asks_for_one(
    home: Callable[..., Home],
) -> None:
    page = home("1000")
    form = page.browser.page(page.url()).form(page.url("check"))
    fields = form.fields | {"reading-1-1": "1120"}
    part = page.browser.post(page.url("check"), data=fields, headers=FRAGMENT)
    assert "<!doctype" not in part.text
    assert part.headers["HX-Push-Url"] == page.url("check")
    assert "HX-Request" in part.headers["Vary"]
    wrong = page.browser.post(
        page.url("check"), data=fields | {"reading-1-1": ""}, headers=FRAGMENT
    )
    assert wrong.status_code == 422
    assert "<!doctype" not in wrong.text
    done = page.browser.post(
        page.url("send"),
        data=Page(part.text).form(page.url("send")).fields,
        headers=FRAGMENT,
        follow_redirects=True,
    )
    assert "<!doctype" not in done.text
    assert done.headers["HX-Push-Url"] == page.url("receipts/1")


def test_a_reloaded_check_leads_back_to_the_table(home: Callable[..., Home]) -> None:
    page = home("1000")
    for path in ("check", "send"):
        assert page.browser.get(page.url(path)).location == page.url()


def test_the_whole_history_has_a_page_of_its_own(home: Callable[..., Home]) -> None:
    page = home("1000")
    assert "май 2026" in page.browser.page(page.url("history")).text


def test_english_is_spoken_too(make: Factory, sign_in: Callable[[MadeUser], Client]) -> None:
    user = make.user(language="en")
    account = make.account(user, region="tyumen", category="electric_stove")
    make.meter(account)
    text = sign_in(user).page(f"/readings/{account.id}/").text
    assert "Meter readings" in text
    assert "from 15 to 25 November" in text
