"""The table with one column to fill in, and who may."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from tests.plugins.readings.homes import Home
from tests.plugins.readings.steps import DAY_NIGHT, check, sent, stored
from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.meters.models import State, Zone
from tesweb.testing.client import FRAGMENT, SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser
from tesweb.testing.pages import Page

# ---- the table


def test_the_table_has_one_empty_column_and_the_rest_filled_in(home: Callable[..., Home]) -> None:
    page = home("1000")
    text = page.browser.page(page.url()).text
    for expected in ("Круглосуточно", "01000", "20 октября 2026", "с 15 по 25 ноября"):
        assert expected in text
    assert "осталось 6 дней" in text
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
    assert mine.browser.get(theirs.url("check?reading-1-1=2100")).status_code == 404
    for path in ("send", "dispute"):
        token = mine.browser.page(mine.url("dispute")).form(mine.url("dispute")).fields
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
    assert "Показания передают владелец счёта и те, кто за него платит" in seen.text
    assert "Попросите их или позвоните нам: 8-800-" in seen.text
    assert [form.action for form in seen.forms if "readings" in form.action] == []
    token = {"csrf_token": seen.forms[0].fields["csrf_token"], "reading-1-1": "1100"}
    assert browser.get(page.url("check?reading-1-1=1100")).status_code == 403
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


# ---- the window


def test_outside_the_window_it_counts_for_the_next_month_and_says_so(
    home: Callable[..., Home], clock: FixedClock, core: Core
) -> None:
    clock.moment = datetime(2026, 11, 25, 19, 30, tzinfo=UTC)  # half past midnight in Tyumen
    page = home("1000")
    assert "учтём за декабрь 2026" in page.browser.page(page.url()).text
    assert "учтём за декабрь 2026" in Page(check(page, "1120").text).text
    assert "Учтём за декабрь 2026" in sent(page, "1120").text
    assert stored(core, page) == []


# ---- fragments


def test_htmx_gets_the_fragment_and_a_whole_page_where_it_asks_for_one(
    home: Callable[..., Home],
) -> None:
    page = home("1000")
    form = page.browser.page(page.url()).form(page.url("check"))
    fields = form.fields | {"reading-1-1": "1120"}
    part = page.browser.get(page.url("check"), query_string=fields, headers=FRAGMENT)
    assert "<!doctype" not in part.text
    assert part.headers["HX-Push-Url"] == page.url("check?reading-1-1=1120")
    assert "HX-Request" in part.headers["Vary"]
    wrong = page.browser.get(
        page.url("check"), query_string={"reading-1-1": "12a"}, headers=FRAGMENT
    )
    assert wrong.status_code == 422
    assert wrong.headers["HX-Push-Url"] == page.url("check?reading-1-1=12a")
    assert "<!doctype" not in wrong.text
    done = page.browser.post(
        page.url("send"),
        data=Page(part.text).form(page.url("send")).fields,
        headers=FRAGMENT,
        follow_redirects=True,
    )
    assert "<!doctype" not in done.text
    assert done.headers["HX-Push-Url"] == page.url("receipts/1")


def test_a_check_of_nothing_leads_back_to_the_table(home: Callable[..., Home]) -> None:
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
