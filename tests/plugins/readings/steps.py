"""The steps of somebody who sends a reading, and what is stored of it."""

from datetime import date

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.plugins.readings.homes import Home
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.meters.models import Reading, Zone
from tesweb.testing.client import SAME_ORIGIN
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
