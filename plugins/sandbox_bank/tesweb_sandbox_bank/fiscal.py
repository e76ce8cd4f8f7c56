"""Data of a fiscal receipt (54-FZ) as they come with a payment or a refund."""

from decimal import ROUND_HALF_UP, Decimal

from tesweb_sandbox_bank.errors import Invalid
from tesweb_sandbox_bank.models import Body
from tesweb_sandbox_bank.reading import Part

MOST_ITEMS = 100
_SUBJECTS = frozenset({
    "agent_commission", "another", "commodity", "composite", "excise", "gambling_bet",
    "gambling_prize", "intellectual_activity", "job", "lottery", "lottery_prize", "payment",
    "property_right", "service",
})  # fmt: skip
_MODES = frozenset({
    "advance", "credit", "credit_payment", "full_payment", "full_prepayment", "partial_payment",
    "partial_prepayment",
})  # fmt: skip
_MEASURES = frozenset({
    "another", "day", "gram", "hour", "kilogram", "kilowatt_hour", "liter", "meter", "month",
    "piece", "square_meter", "cubic_meter", "gigacalorie",
})  # fmt: skip


def check(part: Part, amount: int) -> Body:
    """The receipt as it came, once it is whole and comes to `amount`. Raises Invalid."""
    customer = part.part("customer")
    if not {"email", "phone"} & set(customer.body):
        raise Invalid(customer.path("email"), "An address or a phone number is needed")
    if "email" in customer:
        customer.matching("email", r"[^@\s]+@[^@\s]+", "an e-mail address")
    if "phone" in customer:
        customer.matching("phone", r"\+?\d{4,15}", "4 to 15 digits")
    if "tax_system_code" in part:
        part.whole("tax_system_code", 1, 6)
    if sum(map(_item, part.parts("items", MOST_ITEMS))) != amount:
        raise Invalid(part.path("items"), "Must come to the sum of the operation")
    return part.body


def _item(part: Part) -> int:
    """What a line comes to."""
    part.text("description", 128)
    part.whole("vat_code", 1, 12)
    if "payment_subject" in part:
        part.one_of("payment_subject", _SUBJECTS)
    if "payment_mode" in part:
        part.one_of("payment_mode", _MODES)
    if "measure" in part:
        part.one_of("measure", _MEASURES)
    total = part.amount() * _quantity(part)
    return int(total.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _quantity(part: Part) -> Decimal:
    found = part.body.get("quantity")
    # A JSON number is allowed here; its text is what was written.
    text = str(found) if isinstance(found, int | float | str) else ""
    part = Part({"quantity": text}, part.path("quantity").rpartition(".")[0])
    return Decimal(part.matching("quantity", r"\d{1,5}(\.\d{1,3}\d*)?", "a number as 1.000"))
