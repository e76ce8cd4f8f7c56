"""Reads what the shop asks for, a payment, a refund or a receipt; Invalid for what is wrong."""

import re
from uuid import uuid4

from tesweb_sandbox_bank import fiscal, utilities
from tesweb_sandbox_bank.errors import Invalid
from tesweb_sandbox_bank.models import Body, Payment, Receipt, Refund
from tesweb_sandbox_bank.money import plain
from tesweb_sandbox_bank.reading import Part

CARD, SBP = "bank_card", "sbp"
#: Kopecks.
LEAST = 1_00
MOST = {"": 350_000_00, CARD: 350_000_00, SBP: 1_000_000_00}
_LONGEST_URL = 2048
#: A page's content policy names the host, so it has to be a plain one.
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?([/?#][^\s\x00-\x1f]*)?", re.ASCII)
_MOST_NOTES, _LONGEST_NAME, _LONGEST_NOTE = 16, 32, 512


def payment(body: Body, now: str) -> Payment:
    """A payment that has not begun."""
    part = Part(body)
    made = Payment(str(uuid4()), now, part.amount(), capture=part.flag("capture"))
    made.description = part.text("description", 128, "")
    made.customer = part.text("merchant_customer_id", 200, "")
    made.metadata = _metadata(part)
    made.save_method = part.flag("save_payment_method")
    _read_method(part, made)
    _check_limits(made)
    _read_confirmation(part, made)
    if "receipt" in part:
        made.receipt = fiscal.check(part.part("receipt"), made.amount)
    if "payment_order" in part:
        made.payment_order = utilities.check(part.part("payment_order"), made.amount)
    return made


def refund(body: Body, now: str) -> Refund:
    """Money that is to go back."""
    part = Part(body)
    made = Refund(str(uuid4()), now, part.text("payment_id", 64), part.amount())
    made.description = part.text("description", 250, "")
    made.metadata = _metadata(part)
    if "receipt" in part:
        made.receipt = fiscal.check(part.part("receipt"), made.amount)
    return made


def receipt(body: Body, now: str) -> tuple[Receipt, int]:
    """A receipt that is made apart from its payment, with the sum of what was settled."""
    part = Part(body)
    kind = part.one_of("type", {"payment", "refund"})
    about = part.text(f"{kind}_id", 64)
    settled = sum(one.amount() for one in part.parts("settlements", 10))
    asked = fiscal.check(part, settled)
    ids = (about, "") if kind == "payment" else ("", about)
    return Receipt(f"rt-{uuid4()}", now, kind, *ids, asked=asked), settled


def captured(body: Body, held: int) -> tuple[int, Body | None]:
    """How much of a held sum is taken, and the receipt for it."""
    part = Part(body)
    amount = part.amount() if "amount" in part else held
    if amount > held:
        raise Invalid("amount.value", "Must not be more than what is held")
    return amount, fiscal.check(part.part("receipt"), amount) if "receipt" in part else None


def _read_method(part: Part, made: Payment) -> None:
    if "payment_method_id" in part:
        if "payment_method_data" in part:
            raise Invalid("payment_method_data", "Must not be there beside payment_method_id")
        made.method, made.method_id = CARD, part.text("payment_method_id", 64)
    elif "payment_method_data" in part:
        data = part.part("payment_method_data")
        made.method = data.one_of("type", {CARD, SBP})
        if set(data.body) - {"type"}:
            # A card's data have no business on the shop's server; nothing of them is kept or told.
            raise Invalid(data.path("type"), "Card data are typed on the bank's page only")
    if made.method == SBP and not made.capture:
        raise Invalid("capture", "SBP has no payments in two stages")


def _check_limits(made: Payment) -> None:
    most = MOST[made.method]
    if not LEAST <= made.amount <= most:
        raise Invalid("amount.value", f"Must be from {plain(LEAST)} to {plain(most)}")


def _read_confirmation(part: Part, made: Payment) -> None:
    if made.method_id:
        return
    confirmation = part.part("confirmation")
    made.confirmation = confirmation.one_of("type", {"redirect", "qr"})
    if made.confirmation == "redirect":
        url = confirmation.text("return_url", _LONGEST_URL)
        if not _WEB.fullmatch(url):
            raise Invalid(confirmation.path("return_url"), "Must be an address of the web")
        made.return_url = url
    elif made.method != SBP:
        raise Invalid(confirmation.path("type"), "qr is for SBP")


def _metadata(part: Part) -> Body:
    if "metadata" not in part:
        return {}
    notes = part.part("metadata")
    if len(notes.body) > _MOST_NOTES:
        raise Invalid("metadata", f"Must have {_MOST_NOTES} names at most")
    for name, value in notes.body.items():
        if not 1 <= len(name) <= _LONGEST_NAME or not isinstance(value, str | int):
            raise Invalid("metadata", "Names of up to 32 characters, values are texts")
        if len(str(value)) > _LONGEST_NOTE:
            raise Invalid("metadata", f"Values of up to {_LONGEST_NOTE} characters")
    return {name: str(value) for name, value in notes.body.items()}
