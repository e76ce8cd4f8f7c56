"""What a gateway may answer, to the last character: judged without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tesweb.money import Kopecks
from tesweb.payments import sense
from tesweb.payments.protocol import (
    BankState,
    Code,
    Fiscal,
    FiscalState,
    Notice,
    Reason,
    Redirect,
    Report,
    SavedCard,
    Settled,
    Started,
)

MOMENT = datetime(2026, 11, 20, 9, tzinfo=UTC)
NO_ZONE = MOMENT.replace(tzinfo=None)
REPORT = Report(state=BankState.PAID, reference="sale-1", paid=Kopecks(500_00))
LINE = Settled("sale-1", None, Kopecks(500_00), Kopecks(5_00), MOMENT)
CARD = SavedCard("token", "mir", "0004")
FISCAL = Fiscal(FiscalState.SUCCEEDED, "17", "9960440300049147", "2925", MOMENT)


@pytest.mark.parametrize(
    ("text", "is_right"),
    [("а" * 8, True), ("а" * 9, False), ("", False), ("a\0", False), ("\ud800", False)],
)
def test_a_text_has_a_length_and_characters_that_are_some(text: str, *, is_right: bool) -> None:
    assert sense.is_text(text, 8) is is_right


def test_a_text_may_be_empty_where_that_is_said() -> None:
    assert sense.is_text("", 8, empty=True)
    assert not sense.is_text(None, 8, empty=True)


@pytest.mark.parametrize(
    ("value", "is_right"),
    [(0, True), (2**53 - 1, True), (2**53, False), (-1, False), (True, False), (1.0, False)],
)
def test_a_sum_is_whole_kopecks(value: object, *, is_right: bool) -> None:
    assert sense.is_sum(value) is is_right


@pytest.mark.parametrize(
    ("fee", "least", "most", "is_right"),
    [
        (0, 1, 1, True),
        (0, 0, 1, False),
        (0, 2, 1, False),
        (-1, 1, 1, False),
        (0, 1, 1.5, False),
    ],
)
def test_terms_are_a_fee_and_bounds_that_leave_room(
    fee: Any,  # noqa: ANN401 - what a stranger says
    least: Any,  # noqa: ANN401 - the same
    most: Any,  # noqa: ANN401 - the same
    *,
    is_right: bool,
) -> None:
    assert sense.is_terms(sense.Terms(fee, least, most)) is is_right


@pytest.mark.parametrize(
    ("changes", "is_right"),
    [
        ({}, True),
        ({"step": Code("https://qr.nspk.ru/AS1")}, True),
        ({"step": None, "expires_at": MOMENT}, True),
        ({"expires_at": NO_ZONE}, False),
        ({"step": "https://bank.example"}, False),
        ({"reference": "r" * 64}, True),
        ({"reference": "r" * 65}, False),
    ],
)
def test_a_start_is_a_number_and_a_step(changes: dict[str, Any], *, is_right: bool) -> None:
    begun = Started("sale-1", Redirect("https://bank.example/pay"))
    assert sense.is_started(replace(begun, **changes)) is is_right


@pytest.mark.parametrize(
    ("step", "astray"),
    [
        (None, ""),
        (Redirect("https://bank.example/pay?id=1"), ""),
        (Redirect("https://elsewhere.example/pay"), "https://elsewhere.example"),
        (Redirect("not an address"), "no address"),
        # A bracket that is not closed has no place at all.
        (Redirect("https://[bank.example/pay"), "no address"),
        (Redirect("https://bank.example/" + "p" * 2048), "no address"),
        (Code("https://qr.nspk.ru/AS1"), ""),
        (Code("http://qr.nspk.ru/AS1"), "http://qr.nspk.ru"),
        (Code("https://[qr"), "no address"),
    ],
)
def test_a_payer_is_sent_where_the_gateway_may_send(
    step: Redirect | Code | None, astray: str
) -> None:
    assert sense.leads_astray(step, ("https://bank.example",)) == astray


@pytest.mark.parametrize(
    ("changes", "is_right"),
    [
        ({}, True),
        ({"reason": Reason.DECLINED, "card": CARD, "fiscal": FISCAL}, True),
        # A bank that says nothing of a card but that there is one.
        ({"card": SavedCard("", "", "")}, True),
        ({"card": SavedCard("t" * 1024, "b" * 64, "4" * 64)}, True),
        ({"card": SavedCard("t" * 1025)}, False),
        ({"card": replace(CARD, brand="b" * 65)}, False),
        ({"card": replace(CARD, last4="4" * 65)}, False),
        # One part that is right does not make up for another that is wrong.
        ({"card": "mir", "fiscal": FISCAL}, False),
        ({"card": CARD, "fiscal": "printed"}, False),
        ({"fiscal": Fiscal(FiscalState.PENDING)}, True),
        ({"fiscal": replace(FISCAL, number="1" * 17)}, False),
        ({"fiscal": replace(FISCAL, storage="1" * 33)}, False),
        ({"fiscal": replace(FISCAL, sign="1" * 17)}, False),
        ({"fiscal": replace(FISCAL, registered_at=NO_ZONE)}, False),
        ({"currency": "rubles!!"}, True),
        ({"currency": "rubles!!!"}, False),
        ({"refunded": -1}, False),
    ],
)
def test_a_report_is_right_in_each_of_its_parts(changes: dict[str, Any], *, is_right: bool) -> None:
    assert sense.is_report(replace(REPORT, **changes)) is is_right


@pytest.mark.parametrize(
    ("notice", "is_right"),
    [
        (Notice(key=uuid4()), True),
        (Notice(reference="sale-1"), True),
        (Notice(), False),
        (Notice(reference=""), False),
        (Notice(key=uuid4(), reference="r" * 65), False),
        (Notice(key=uuid4(), answer="a" * 2048), True),
        (Notice(key=uuid4(), answer="a" * 2049), False),
    ],
)
def test_a_notice_names_an_order(notice: Notice, *, is_right: bool) -> None:
    assert sense.is_notice(notice) is is_right


@pytest.mark.parametrize(
    ("changes", "is_right"),
    [
        ({}, True),
        ({"key": uuid4()}, True),
        ({"key": str(uuid4())}, False),
        # A refund, whose fee may come back with it.
        ({"amount": -500_00, "fee": -5_00}, True),
        ({"fee": 500_00}, True),
        ({"fee": 500_01}, False),
        ({"amount": 2**53, "fee": 0}, False),
        ({"amount": 2**53 - 1, "fee": 0}, True),
        ({"amount": True, "fee": 0}, False),
        ({"fee": 0.5}, False),
        ({"at": NO_ZONE}, False),
        ({"currency": ""}, False),
    ],
)
def test_a_line_of_a_register_has_a_place_in_the_books(
    changes: dict[str, Any], *, is_right: bool
) -> None:
    assert sense.is_line(replace(LINE, **changes)) is is_right
    assert not sense.is_line(changes)
