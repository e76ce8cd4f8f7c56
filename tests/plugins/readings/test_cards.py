"""What the dashboard says about readings."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from tests.plugins.readings.homes import Home
from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.meters.models import Zone
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser


def test_the_card_says_how_long_and_leads_there(home: Callable[..., Home]) -> None:
    page = home("1000")
    seen = page.browser.page("/")
    assert "Показания за ноябрь 2026 Принимаем с 15 по 25 ноября: осталось 6 дней." in seen.text
    assert "Передать показания" in seen.text
    assert page.url() in seen.links


def test_before_the_window_it_says_when(home: Callable[..., Home], clock: FixedClock) -> None:
    clock.moment = datetime(2026, 11, 27, tzinfo=UTC)
    text = home("1000").browser.page("/").text
    assert "Принимаем с 15 по 25 декабря. Передать можно и сегодня: учтём за декабрь 2026." in text


def test_once_sent_it_names_the_receipt(home: Callable[..., Home], make: Factory) -> None:
    page = home("1000")
    form = page.browser.submit(page.url(), page.url("check"), {"reading-1-1": "1100"})
    assert form.status_code == 200
    make.reading(page.meter, date(2026, 11, 1), "1100", "100")
    assert "Приняты" in page.browser.page("/").text


def test_the_chart_has_a_table_and_every_zone(home: Callable[..., Home]) -> None:
    page = home("1000", "500", zones=(Zone.DAY, Zone.NIGHT))
    answer = page.browser.get("/", follow_redirects=True)
    assert 'role="img"' in answer.text
    text = page.browser.page("/").text
    assert "День" in text
    assert "октябрь 2026 100 100 200" in text


def test_without_a_meter_nothing_is_asked(
    make: Factory, sign_in: Callable[[MadeUser], Client]
) -> None:
    user = make.user()
    make.account(user, region="tyumen")
    text = sign_in(user).page("/").text
    assert "передавать ничего не нужно" in text
    assert "Передать показания" not in text


def test_a_reader_is_offered_to_look_only(
    home: Callable[..., Home], make: Factory, sign_in: Callable[[MadeUser], Client]
) -> None:
    page = home("1000")
    guest = make.user()
    make.link(guest, page.account.id, Role.READER)
    seen = sign_in(guest).page("/")
    assert "Передать показания" not in seen.text
    assert "Их передают владелец счёта и те, кто за него платит" in seen.text
    assert page.url() in seen.links


def test_a_request_that_waits_stands_on_the_card_and_above_the_table(
    home: Callable[..., Home],
) -> None:
    page = home("1000")
    url = page.url("dispute")
    page.browser.submit(url, url, {"reading-1-1": "900"})
    card = page.browser.page("/")
    assert "Заявка № 1 на проверке" in card.text
    assert page.url("disputes/1") in card.links
    above = page.browser.page(page.url()).text.partition("Круглосуточно")[0]
    assert "Заявка № 1 на проверке: показание из неё пока не учитываем" in above
