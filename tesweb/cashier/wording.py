"""Alarms and movements in words: what each means and what to do."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.ledger.books import Kind
from tesweb.payments.rules import Alarm

#: For each kind: its name, what has happened, what to do.
ALARMS: dict[Alarm, tuple[LazyString, LazyString]] = {
    Alarm.AMOUNT: (
        _l("Another sum or currency"),
        _l(
            "The bank has taken another sum than the order’s, or in other money. It is credited to "
            "nobody: decide about it under “Suspense”. Other money than rubles is at the bank "
            "only: ask the bank to send it back."
        ),
    ),
    Alarm.REFERENCE: (
        _l("Another number at the bank"),
        _l(
            "The bank names one order by two numbers. Nothing was credited. Ask the bank which one "
            "the payer paid by, and whether both were paid."
        ),
    ),
    Alarm.LATE_SUCCESS: (
        _l("Paid after a refusal"),
        _l(
            "The payer was told that nothing was taken, and then the money came. It is credited. "
            "See whether the payer has paid once more; if so, offer a refund."
        ),
    ),
    Alarm.TAKEN_BACK: (
        _l("The bank takes a payment back"),
        _l(
            "It was paid, and now the bank says that it was not. The account keeps the credit "
            "until you know more: ask the bank in writing."
        ),
    ),
    Alarm.FOREIGN_REFUND: (
        _l("A refund that we did not ask for"),
        _l(
            "Money went back past this cabinet: from the bank’s own desk, or disputed by the "
            "payer. It is booked. Find out who gave the order."
        ),
    ),
    Alarm.TOO_MUCH_REFUNDED: (
        _l("More went back than had come"),
        _l("Nothing more was booked. Ask the bank for a list of the refunds of this payment."),
    ),
    Alarm.STRANGER: (
        _l("A notice about an order that is not ours"),
        _l(
            "The bank’s signature is right, the order is not here. Usually another shop uses the "
            "same bank account, or the address for notices is set twice: look at the bank’s desk."
        ),
    ),
    Alarm.REFUND_REFUSED: (
        _l("The bank refuses a refund"),
        _l(
            "The card is closed, or too much time has gone by. The money is still on the account: "
            "return it by an application, through your bank."
        ),
    ),
    Alarm.BY_HAND: (
        _l("Already credited by hand"),
        _l(
            "The bank’s register had this money first, and an operator has put it to an account. "
            "It is not credited once more and waits under “Suspense”: compare there, and say that "
            "both are the same money."
        ),
    ),
    Alarm.UNCLEAR: (
        _l("The bank has not answered for a week"),
        _l(
            "We have stopped asking. Look at the bank’s desk: was it paid? Then read the register "
            "of that day, it is credited by that."
        ),
    ),
}
KINDS: dict[Kind, LazyString] = {
    Kind.PAYMENT: _l("Credited"),
    Kind.SUSPENSE: _l("Put into suspense"),
    Kind.RESOLVED: _l("Decided out of suspense"),
    Kind.REFUND: _l("Went back"),
    Kind.SETTLED: _l("In the bank’s register"),
    Kind.REVERSAL: _l("Reversed"),
}
_BOOKS: dict[str, LazyString] = {
    "customer": _l("account"),
    "bank": _l("our bank account"),
    "fees": _l("fees of payers"),
    "acquiring": _l("the bank’s fee"),
    "suspense": _l("suspense"),
}


def alarm_in_words(kind: str) -> tuple[str | LazyString, str | LazyString]:
    """The name of an alarm, and what it means; of one that this version does not know its code."""
    if kind in set(Alarm):
        return ALARMS[Alarm(kind)]
    return kind, _("Another version of this program has raised it.")


def book_in_words(book: str) -> str:
    """What a book is called."""
    name, _colon, gateway = book.partition(":")
    if name == "clearing":
        return str(_("with the bank (%(gateway)s)", gateway=gateway))
    return str(_BOOKS.get(name, name))


_SUBJECTS: dict[str, LazyString] = {
    "order": _l("payment No. %(number)s"),
    "refund": _l("refund No. %(number)s"),
    "notice": _l("notice No. %(number)s"),
    "line": _l("line No. %(number)s of a register"),
    "suspense": _l("suspense, entry No. %(number)s"),
    "transaction": _l("entry No. %(number)s"),
    "correction": _l("instead of entry No. %(number)s"),
}


def subject_in_words(subject: str) -> str:
    """What the books and the alarms are about; as it is, where that is nothing of ours."""
    kind, _space, number = subject.partition(" ")
    if kind not in _SUBJECTS or not number.isdigit():
        return subject
    return str(_SUBJECTS[kind]) % {"number": number}
