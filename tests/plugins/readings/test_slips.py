"""Slips that meet: what is said and taken is about the right meter, and is still true later."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import update

from tests.plugins.readings.homes import Home
from tests.plugins.readings.steps import DAY_NIGHT, sent
from tesweb.accounts.models import Role
from tesweb.clock import add_months
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.meters.models import Reading, Zone
from tesweb.testing.client import FRAGMENT, Client
from tesweb.testing.factories import Factory, MadeUser
from tesweb.testing.pages import Page

OCTOBER = date(2026, 10, 1)
readings = table_of(Reading)


def test_exchanging_two_zones_leaves_a_third_as_it_was_typed(home: Callable[..., Home]) -> None:
    page = home("1000", "5000", "3000", zones=(Zone.PEAK, Zone.HALF_PEAK, Zone.NIGHT))
    typed = "check?reading-1-1=5050&reading-1-2=1050&reading-1-3=31003&swap=1"
    fields = page.browser.page(page.url(typed)).form(page.url("send")).fields
    assert (fields["reading-1-1"], fields["reading-1-2"]) == ("01050", "05050")
    assert fields["reading-1-3"] == "31003"


def test_a_red_digit_is_not_called_zones_in_the_wrong_places(
    home: Callable[..., Home], make: Factory
) -> None:
    page = home("1000")
    other = make.meter(page.account)
    for back in range(6):
        make.reading(other, add_months(OCTOBER, -back), str(2000 - back * 100), "100")
    answer = page.browser.get(page.url("check?reading-1-1=11003&reading-2-1=1900"))
    assert answer.status_code == 422
    assert "перепутали зоны" not in answer.text


def test_a_receipt_tells_of_no_rollover_after_billing_put_a_month_right(
    home: Callable[..., Home], make: Factory, core: Core
) -> None:
    page = home("1000")
    sent(page, "1120")
    with core.database.work() as work:
        of_october = readings.c.period == OCTOBER
        work.execute(update(readings).where(of_october).values(state="superseded"))
    make.reading(page.meter, OCTOBER, "1200", "300", version=2)
    assert "снова начал с нуля" not in page.browser.page(page.url("receipts/1")).text


def test_a_form_that_is_only_begun_may_be_reloaded(home: Callable[..., Home]) -> None:
    page = home("1000", "1050", zones=DAY_NIGHT)
    begun = page.url("check?reading-1-1=&reading-1-2=&same=1-1")
    helped = page.browser.get(begun, headers=FRAGMENT)
    again = page.browser.get(helped.headers["HX-Push-Url"])
    assert (helped.status_code, again.status_code) == (200, 200)
    assert Page(again.text).form(page.url("check")).fields["reading-1-1"] == "01000"


def test_the_switch_of_accounts_leads_where_the_other_role_may_go(
    home: Callable[..., Home], make: Factory, sign_in: Callable[[MadeUser], Client]
) -> None:
    first = home("1000")
    user = make.user()
    make.link(user, first.account.id, Role.PAYER, 0)
    other = make.account()
    make.link(user, other.id, Role.READER, 1)
    browser = sign_in(user)
    page = browser.page(first.url("check?reading-1-1=1120"))
    leads = [link for link in page.links if f"/{other.id}/" in link]
    assert leads
    for link in leads:
        assert browser.get(link).status_code == 200


@pytest.mark.parametrize("typed", ["check?reading-1-1=", "check?reading-1-1=1120"])
def test_a_closed_month_has_no_field_to_correct(
    home: Callable[..., Home], make: Factory, typed: str
) -> None:
    page = home("1000")
    make.reading(page.meter, date(2026, 12, 1), "1500", "100")
    answer = page.browser.get(page.url(typed))
    assert answer.status_code == 422
    assert "поправить" not in answer.text
