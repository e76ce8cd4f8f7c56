"""What cannot be is refused beside the field, and nothing is written."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.plugins.readings.homes import Home
from tests.plugins.readings.steps import DAY_NIGHT, check, checked, send, sent, stored
from tesweb.current import Core
from tesweb.meters.models import State
from tesweb.testing.factories import Factory
from tesweb.testing.pages import Page

# ---- what is refused


def test_a_key_that_is_not_ours_is_replaced(home: Callable[..., Home], core: Core) -> None:
    page = home("1000")
    answer = send(page, checked(page, "1100") | {"key": "a\x00b"})
    assert answer.status_code == 303
    assert stored(core, page) == [(1, 1100, "accepted")]


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
    field = check(page, "900").text.partition('id="reading-1-1-error"')[2].partition("</td>")[0]
    assert 'href="tel:' in field


def test_swapped_zones_are_told_and_exchanged_by_one_tap(
    home: Callable[..., Home], core: Core
) -> None:
    page = home("5000", "2000", zones=DAY_NIGHT)
    answer = check(page, "2060", "5100")
    assert answer.status_code == 422
    assert (
        "вы перепутали зоны: сюда подходит 05100. Сверьте с показанием Т1" in Page(answer.text).text
    )
    assert answer.text.count('aria-invalid="true"') == 2
    form = Page(answer.text).form(page.url("check"))
    assert form.buttons.count(("swap", "1")) == 1
    exchanged = page.browser.get(page.url("check"), query_string=form.fields | {"swap": "1"})
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
