"""States and reasons in words for payers."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.payments.models import State
from tesweb.payments.protocol import Reason, Way

WAYS: dict[Way, LazyString] = {
    Way.CARD: _l("By card: MIR, Visa, Mastercard"),
    Way.SBP: _l("By the Faster Payments System (SBP)"),
}
#: How a state is called, and the colour of its tag.
STATES: dict[State, tuple[LazyString, str]] = {
    State.CREATED: (_l("being sent to the bank"), "warn"),
    State.SUBMITTING: (_l("being sent to the bank"), "warn"),
    State.UNKNOWN: (_l("the bank is silent"), "warn"),
    State.PENDING: (_l("waits for you or the bank"), "warn"),
    State.AUTHORIZED: (_l("the bank holds the money"), "warn"),
    State.FAILED: (_l("not paid"), "bad"),
    State.CANCELED: (_l("canceled"), ""),
    State.EXPIRED: (_l("not paid in time"), ""),
    State.SUCCEEDED: (_l("paid"), "good"),
    State.MISMATCHED: (_l("we are looking into it"), "warn"),
}
#: How far money is on its way back.
REFUNDS: dict[str, LazyString] = {
    "asked": _l("asked for, we are deciding"),
    "declined": _l("declined"),
    "submitting": _l("on its way"),
    "unknown": _l("on its way"),
    "done": _l("given back"),
    "refused": _l("the bank refused, we are looking into it"),
}
#: What the payer can do about it.
REASONS: dict[Reason, LazyString] = {
    Reason.NOT_ENOUGH_MONEY: _l(
        "There is not enough money on the card. Put some on it, or pay with another card."
    ),
    Reason.WRONG_NUMBER: _l("The bank does not know this card number. Check it digit by digit."),
    Reason.WRONG_CODE: _l(
        "The three digits from the back of the card are wrong. Check them and try again."
    ),
    Reason.CARD_EXPIRED: _l("The card has expired. Pay with another card."),
    Reason.NOT_CONFIRMED: _l(
        "The password from the message was not confirmed. Try again; if the message does not "
        "come, call the bank."
    ),
    Reason.CALL_BANK: _l("Your bank asks you to call it. The number is on the back of the card."),
    Reason.LIMIT_REACHED: _l(
        "The card's limit is reached. Pay less at once, pay with another card, or raise the limit "
        "at your bank."
    ),
    Reason.CARD_RESTRICTED: _l(
        "Payments with this card are restricted. Pay with another card, or call your bank."
    ),
    Reason.COUNTRY_FORBIDDEN: _l(
        "Cards of this country are not taken. Pay with another card or by SBP."
    ),
    Reason.FRAUD_SUSPECTED: _l(
        "The bank found the payment unusual and did not let it through. Call your bank, or pay "
        "with another card."
    ),
    Reason.BANK_UNAVAILABLE: _l(
        "Your bank does not answer now. Try again in some minutes, or pay with another card."
    ),
    Reason.PAYER_CANCELED: _l("You have canceled the payment at the bank."),
    Reason.TIME_OVER: _l("The time to pay is over. Begin again: nothing was taken."),
    Reason.PERMISSION_REVOKED: _l(
        "The bank no longer allows payments from this card without you. Pay once more and save the "
        "card again."
    ),
    Reason.DECLINED: _l(
        "The bank declined the payment and did not say why. Pay with another card, or call your "
        "bank."
    ),
}

BRANDS: dict[str, LazyString | str] = {
    "mir": _l("MIR"),
    "visa": "Visa",
    "mastercard": "Mastercard",
}


def brand(code: str) -> str:
    """What is printed on the card."""
    return str(BRANDS.get(code.lower(), code))


def advice(reason: str) -> LazyString:
    """What the payer can do; the general words for a reason that nobody knows."""
    known = reason if reason in set(Reason) else Reason.DECLINED
    return REASONS[Reason(known)]
