"""A way on where the rules refuse what the meter shows: request, operator, answer."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from PIL import Image
from sqlalchemy import func, insert, select
from tesweb_readings.commands import disputes as command
from tesweb_readings.models import Dispute
from werkzeug.test import TestResponse

from tests.plugins.readings.homes import Home
from tests.plugins.readings.steps import sent, stored
from tests.plugins.readings.test_photos import bomb, picture
from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.meters.models import Reading, Source, Zone
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser
from tesweb.testing.pages import Page

disputes = table_of(Dispute)
readings = table_of(Reading)


def ask(home: Home, photo: bytes | None = None, **fields: str) -> TestResponse:
    url = home.url("dispute")
    form = home.browser.page(url).form(url)
    data: dict[str, Any] = form.fields | {"reading-1-1": "900"} | fields
    data["photo"] = (io.BytesIO(photo or b""), "meter.jpg" if photo else "")
    return home.browser.post(
        url, data=data, headers=SAME_ORIGIN, content_type="multipart/form-data"
    )


def asked(home: Home, photo: bytes | None = None, **fields: str) -> Page:
    answer = ask(home, photo, **fields)
    assert answer.status_code == 303, Page(answer.text).text
    return home.browser.page(answer.location)


def count(core: Core) -> int:
    with core.database.read() as reader:
        return int(reader.execute(select(func.count()).select_from(disputes)).scalar_one())


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    def ran(*words: str) -> Result:
        with app.app_context():
            return CliRunner().invoke(command, words)

    return ran


@pytest.fixture
def page(home: Callable[..., Home]) -> Home:
    return home("1000")


def test_what_was_typed_comes_along(page: Home) -> None:
    form = page.browser.page(page.url("dispute?reading-1-1=900")).form(page.url("dispute"))
    assert form.fields["reading-1-1"] == "900"


def test_a_request_gets_a_number_and_stands_in_the_history(page: Home, core: Core) -> None:
    seen = asked(page, picture(), comment="Счётчик меняли весной")
    for expected in ("Заявка № 1", "на проверке", "00900", "Счётчик меняли весной", "ответим"):
        assert expected in seen.text
    table = page.browser.page(page.url())
    assert "на проверке заявка № 1" in table.text
    assert page.url("disputes/1") in table.links
    assert "на проверке" in page.browser.page(page.url("history")).text
    with core.database.read() as reader:
        assert reader.execute(select(func.max(readings.c.period))).scalar_one() == date(2026, 10, 1)


def test_the_photo_is_ours_and_for_members_only(
    page: Home, make: Factory, sign_in: Callable[[MadeUser], Client]
) -> None:
    asked(page, picture())
    answer = page.browser.get(page.url("disputes/1/photo"))
    assert answer.mimetype == "image/jpeg"
    assert b"neighbour" not in answer.data
    assert dict(Image.open(io.BytesIO(answer.data)).getexif()) == {}
    stranger = sign_in(make.user())
    assert stranger.get(page.url("disputes/1/photo")).status_code == 404
    guest = make.user()
    make.link(guest, page.account.id, Role.READER)
    assert sign_in(guest).get(page.url("disputes/1/photo")).status_code == 200


def test_without_a_photo_there_is_none(page: Home) -> None:
    assert "<img" not in page.browser.get(ask(page).location).text
    assert page.browser.get(page.url("disputes/1/photo")).status_code == 404


@pytest.mark.parametrize(
    ("photo", "fields", "words"),
    [
        (bomb(20_000), {}, "слишком большое"),
        (b"%PDF-1.7", {}, "Не получается открыть"),
        (None, {"reading-1-1": ""}, "Введите то, что показывает"),
        (None, {"reading-1-1": "12а"}, "без букв"),
        (None, {"comment": "а" * 1001}, "короче"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_kept(
    page: Home, core: Core, photo: bytes | None, fields: dict[str, str], words: str
) -> None:
    answer = ask(page, photo, **({"comment": "слова"} | fields))
    assert answer.status_code == 422
    seen = Page(answer.text)
    assert seen.title.startswith("Ошибка:")
    assert words in seen.text
    kept = seen.form(page.url("dispute")).fields
    assert kept["reading-1-1"] == fields.get("reading-1-1", "900")
    assert kept["comment"] == fields.get("comment", "слова")
    assert count(core) == 0


def test_the_same_form_twice_is_one_request(page: Home, core: Core) -> None:
    first = ask(page, key="one")
    assert ask(page, key="one").location == first.location
    assert count(core) == 1


@pytest.mark.parametrize("key", ["a\x00b", "a b", "ключ", "k" * 65])
def test_a_key_that_is_not_ours_is_replaced(page: Home, core: Core, key: str) -> None:
    asked(page, key=key)
    with core.database.read() as reader:
        (kept,) = reader.execute(select(disputes.c.key)).scalars()
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", kept)


def test_a_comment_keeps_its_lines_and_no_other_control_character(page: Home, core: Core) -> None:
    asked(page, comment="\x00 one\r\ntwo\tthree\x1b\x85 \x00")
    with core.database.read() as reader:
        assert reader.execute(select(disputes.c.comment)).scalar_one() == "one\ntwo three"


@pytest.mark.parametrize("path", ["receipts/{}", "disputes/{}", "disputes/{}/photo"])
@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 10**23])
def test_a_number_that_nobody_has_is_not_found(page: Home, path: str, number: int) -> None:
    assert page.browser.get(page.url(path.format(number))).status_code == 404


def test_a_key_of_another_account_is_refused(
    page: Home, home: Callable[..., Home], core: Core
) -> None:
    ask(page, key="one")
    assert ask(home("1000"), key="one").status_code == 404
    assert count(core) == 1


def test_too_many_without_an_answer_are_refused(page: Home, core: Core) -> None:
    for _ in range(3):
        asked(page)
    answer = ask(page)
    assert answer.status_code == 422
    assert "Несколько ваших заявок ещё на проверке" in Page(answer.text).text
    assert count(core) == 3


def test_a_reader_asks_nothing(
    page: Home, make: Factory, sign_in: Callable[[MadeUser], Client]
) -> None:
    guest = make.user()
    make.link(guest, page.account.id, Role.READER)
    assert sign_in(guest).get(page.url("dispute")).status_code == 403


# ---- the operator


def test_the_operator_lists_and_looks(
    page: Home, run: Callable[..., Result], tmp_path: Path
) -> None:
    asked(page, picture(), comment="весной")
    assert "1: account" in run("list").output
    (listed,) = json.loads(run("list", "--json").output)
    assert listed["number"] == 1
    assert listed["account"] == page.account.number
    photo = tmp_path / "photo.jpg"
    shown = json.loads(run("show", "1", "--json", "--photo", str(photo)).output)
    assert shown["values"] == {"1-1": "900"}
    assert shown["comment"] == "весной"
    assert Image.open(io.BytesIO(photo.read_bytes())).format == "JPEG"
    assert "values: {'1-1': '900'}" in run("show", "1").output


def test_the_operator_takes_it_and_says_what_to_charge(
    page: Home, run: Callable[..., Result]
) -> None:
    asked(page)
    unsaid = run("accept", "1")
    assert unsaid.exit_code == 1
    assert "--consumed 1-1=0 if the reading before was wrong" in unsaid.output
    assert "на проверке" in page.browser.page(page.url()).text
    taken = run("accept", "1", "--consumed", "1-1=0", "--why", "Показание в октябре было ошибкой")
    assert taken.output == "request 1: taken for 2026-11\n"
    seen = page.browser.page(page.url("disputes/1")).text
    assert "принято после проверки" in seen
    assert "Показание в октябре было ошибкой" in seen
    table = page.browser.page(page.url()).text
    assert "00900 20 ноября 2026 0 кВт·ч снято контролёром принято" in table


def test_the_operator_refuses_and_the_resident_reads_why(
    page: Home, run: Callable[..., Result]
) -> None:
    asked(page)
    assert run("refuse", "1", "--why", "На фото другой счётчик").exit_code == 0
    assert "На фото другой счётчик" in page.browser.page(page.url("disputes/1")).text
    assert "не принято" in page.browser.page(page.url()).text


def test_a_request_is_answered_once(page: Home, run: Callable[..., Result]) -> None:
    asked(page)
    run("refuse", "1", "--why", "нет")
    for words in (("accept", "1"), ("refuse", "1", "--why", "ещё"), ("accept", "77")):
        again = run(*words)
        assert again.exit_code == 1
        assert "no request of this number without answer" in again.output


def test_a_request_of_a_closed_month_goes_through_billing(
    page: Home, run: Callable[..., Result], make: Factory, core: Core
) -> None:
    asked(page)
    make.reading(page.meter, date(2026, 12, 1), "1300")
    answer = run("accept", "1", "--consumed", "1-1=0")
    assert answer.exit_code == 1
    assert "there is a reading for 2026-12" in answer.output
    with core.database.read() as reader:
        assert reader.execute(select(disputes.c.answer)).scalar_one() == "open"


def test_a_charge_on_a_register_that_was_not_sent_is_refused(
    page: Home, run: Callable[..., Result], core: Core
) -> None:
    asked(page)
    answer = run("accept", "1", "--consumed", "1-1=0", "--consumed", "1-7=14")
    assert answer.exit_code == 1
    assert "the request has no register 1-7" in answer.output
    with core.database.read() as reader:
        assert reader.execute(select(disputes.c.answer)).scalar_one() == "open"


def test_an_old_request_does_not_override_a_newer_reading(
    page: Home, run: Callable[..., Result], core: Core, clock: FixedClock
) -> None:
    asked(page, None, **{"reading-1-1": "1010"})
    clock.moment += timedelta(hours=1)
    sent(page, "1100")
    answer = run("accept", "1")
    assert answer.exit_code == 1
    assert "register 1-1 has shown 1100 for this month since the request was sent" in answer.output
    assert "--replace" in answer.output
    assert stored(core, page) == [(1, 1100, "accepted")]
    assert run("accept", "1", "--replace").exit_code == 0
    assert stored(core, page) == [(1, 1100, "superseded"), (1, 1010, "accepted")]


def test_a_request_overrides_what_was_sent_before_it(
    page: Home, run: Callable[..., Result], core: Core, clock: FixedClock
) -> None:
    sent(page, "1100")
    clock.moment += timedelta(hours=1)
    asked(page, None, **{"reading-1-1": "1010"})
    assert run("accept", "1").exit_code == 0
    assert stored(core, page) == [(1, 1100, "superseded"), (1, 1010, "accepted")]


@pytest.mark.parametrize(
    ("source", "read_on", "is_taken"),
    [
        (Source.INSPECTOR, date(2026, 11, 19), True),
        (Source.INSPECTOR, date(2026, 11, 20), False),
        (Source.SUPPLIER, date(2026, 11, 22), False),
        (Source.AVERAGE, date(2026, 11, 22), True),
    ],
)
def test_what_billing_has_sent_since_is_asked_about(  # noqa: PLR0913 - the reading and its fate
    page: Home,
    run: Callable[..., Result],
    core: Core,
    source: Source,
    read_on: date,
    *,
    is_taken: bool,
) -> None:
    asked(page, None, **{"reading-1-1": "1010"})
    billed = {
        "account_id": page.account.id,
        "period": date(2026, 11, 1),
        "meter_no": 1,
        "register_no": 1,
        "version": 1,
        "value": Decimal(1100),
        "consumed": Decimal(100),
        "read_on": read_on,
        "source": source.value,
    }
    with core.database.work() as work:
        work.execute(insert(readings), billed)
    assert (run("accept", "1").exit_code == 0) is is_taken


@pytest.mark.parametrize("words", ["1-1", "1=5", "1-1=-5", "1-1=1,5", "a-1=5"])
def test_a_wrong_charge_is_refused(page: Home, run: Callable[..., Result], words: str) -> None:
    asked(page)
    assert run("accept", "1", "--consumed", words).exit_code == 2


def test_a_request_counts_for_the_month_it_was_sent_in(
    page: Home, run: Callable[..., Result], clock: FixedClock
) -> None:
    asked(page)
    clock.moment = datetime(2026, 12, 5, tzinfo=UTC)
    assert "taken for 2026-11" in run("accept", "1", "--consumed", "1-1=5").output


def test_a_request_with_two_zones(home: Callable[..., Home], run: Callable[..., Result]) -> None:
    page = home("1000", "500", zones=(Zone.DAY, Zone.NIGHT))
    values = {"reading-1-2": "560"}
    asked(page, None, **values)
    assert run("accept", "1", "--consumed", "1-1=0", "--source", "supplier").exit_code == 0
    assert "60 кВт·ч данные поставщика" in page.browser.page(page.url()).text


def test_there_is_nothing_to_show_for_a_wrong_number(run: Callable[..., Result]) -> None:
    assert "there is no request 5" in run("show", "5").output


def test_no_photo_is_told(page: Home, run: Callable[..., Result], tmp_path: Path) -> None:
    asked(page)
    assert "has no photo" in run("show", "1", "--photo", str(tmp_path / "p.jpg")).output


def test_the_photo_is_seen_on_the_request_s_page(page: Home) -> None:
    """By itself a browser shows it with inline styles of its own, which the policy refuses."""
    asked(page, picture())
    seen = page.browser.get(page.url("disputes/1")).text
    assert f'<img src="{page.url("disputes/1/photo")}" alt="Фото счётчика"' in seen
