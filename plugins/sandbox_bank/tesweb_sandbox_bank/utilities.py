"""`payment_order` of type `utilities`: where the money goes and for what."""

from tesweb_sandbox_bank.errors import Invalid
from tesweb_sandbox_bank.models import Body
from tesweb_sandbox_bank.reading import Part

_NUMBERS = {
    "payment_document_id": (r".{18}", "18 characters"),
    "payment_document_number": (r".{1,30}", "a text of 1 to 30 characters"),
    "account_number": (r".{1,30}", "a text of 1 to 30 characters"),
    "unified_account_number": (r".{10}", "10 characters"),
    "service_id": (r".{13}", "13 characters"),
}
_YEARS = (1920, 2050)


def check(part: Part, amount: int) -> Body:
    """The order as it came, once it is whole. Raises Invalid."""
    part.one_of("type", {"utilities"})
    if part.amount() > amount:
        raise Invalid(part.path("amount.value"), "Must not be more than the payment")
    part.text("payment_purpose", 210)
    _check_recipient(part.part("recipient"))
    if "kbk" in part:
        part.matching("kbk", r"\d{20}|0", "20 digits or 0")
    if "oktmo" in part:
        part.matching("oktmo", r"\d{8}|\d{11}|0", "8 or 11 digits or 0")
    period = part.part("payment_period")
    period.whole("month", 1, 12)
    period.whole("year", *_YEARS)
    _check_numbers(part)
    return part.body


def _check_recipient(part: Part) -> None:
    part.text("name", 160)
    part.matching("inn", r"\d{10}", "10 digits")
    part.matching("kpp", r"\d{9}", "9 digits")
    bank = part.part("bank")
    bank.text("name", 45)
    bank.matching("bic", r"\d{9}", "9 digits")
    bank.matching("account", r"\d{20}", "20 digits")
    if "correspondent_account" in bank:
        bank.matching("correspondent_account", r"\d{20}", "20 digits")


def _check_numbers(part: Part) -> None:
    told = [name for name in _NUMBERS if name in part]
    if not told:
        raise Invalid(part.path("account_number"), "One of the payer's numbers is needed")
    for name in told:
        part.matching(name, *_NUMBERS[name])
