"""What an address shows to somebody who has not proved it; what counts as the right answer."""

from datetime import UTC, datetime, timedelta

import pytest

from tesweb.accounts.models import Proof
from tesweb.accounts.rules import Evidence, is_settled, mask_address, proved

KNOWN = Evidence(("4172-0936",), ("00417583", "АБ 12"), (34748, 100_00))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("г. Тюмень, ул. Республики, д. 142, кв. 17", "г. Тюмень, ул. Р*********, д. **, кв. **"),
        ("г. Тюмень, ул. Мира, д. 1, корп. 2", "г. Тюмень, ул. М***, д. **, корп. **"),
        ("Тюменский р-н, п. Боровский, д. 21", "Т******** р-н, п. Б********, д. **"),
        ("г. Тюмень, СНТ «Ветеран», уч. 48", "г. Тюмень, СНТ «В******», уч. **"),
        ("г. Тюмень, ул. 50 лет Октября, д. 3А", "г. Тюмень, ул. ** л** О******, д. **"),
        ("г. Владивосток, Океанский пр-т, д. 5", "г. Владивосток, О******** пр-т, д. **"),
        ("Ленина 5-12", "Л***** **"),
        ("ул. Ленина, 5", "ул. Л*****, **"),
        ("УЛ. РЕСПУБЛИКИ, 5", "УЛ. Р*********, **"),
        ("", ""),
    ],
)
def test_an_address_is_known_again_by_who_lives_there_alone(address: str, shown: str) -> None:
    assert mask_address(address).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (Proof.BILL_CODE, "4172-0936"),
        (Proof.BILL_CODE, " 41 72 — 09 36 "),
        (Proof.BILL_CODE, "41720936"),
        (Proof.METER, "00417583"),
        (Proof.METER, "417583"),
        (Proof.METER, "№ 0041-7583"),
        (Proof.METER, "аб12"),
        (Proof.PAYMENT, "347,48"),
        (Proof.PAYMENT, "347.48 ₽"),
        (Proof.PAYMENT, "347,48 руб."),
        (Proof.PAYMENT, "100"),
    ],
)
def test_what_people_copy_from_a_bill_is_right_in_every_dress(kind: Proof, answer: str) -> None:
    assert proved(KNOWN, {kind: answer}) == {kind}


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {Proof.BILL_CODE: "", Proof.METER: "", Proof.PAYMENT: ""},
        {Proof.BILL_CODE: "4172-0937"},
        {Proof.BILL_CODE: "04172-0936"},
        {Proof.METER: "0"},
        {Proof.METER: "4175830"},
        {Proof.PAYMENT: "347"},
        {Proof.PAYMENT: "-347,48"},
        {Proof.PAYMENT: "34748"},
        # The right answer to another question.
        {Proof.METER: "4172-0936", Proof.PAYMENT: "00417583", Proof.BILL_CODE: "347,48"},
    ],
)
def test_anything_else_proves_nothing(answers: dict[Proof, str]) -> None:
    assert proved(KNOWN, answers) == frozenset()


def test_what_billing_does_not_know_is_never_right() -> None:
    blank = dict.fromkeys(Proof, "0")
    assert proved(Evidence(), blank) == frozenset()
    assert proved(Evidence(serials=("000",), bill_codes=("-",)), blank) == frozenset()
    assert proved(Evidence(serials=("000",)), {Proof.METER: ""}) == frozenset()


@pytest.mark.parametrize(
    ("linked", "created", "is_old"),
    [
        # Days before the moment from which on nobody is trusted.
        (1, 30, True),
        (-1, 30, False),
        # With the cabinet itself, a moment later.
        (-1, -1, True),
    ],
)
def test_what_was_linked_lately_may_be_an_intruder_s(
    linked: int, created: int, *, is_old: bool
) -> None:
    since = datetime(2026, 11, 20, tzinfo=UTC)
    made = since - timedelta(days=created)
    linked_at = since - timedelta(days=linked) + timedelta(milliseconds=5)
    assert is_settled(linked_at, made, since) == is_old
