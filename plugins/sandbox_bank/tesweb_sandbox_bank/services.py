"""What happens to money: each within one transaction, its notice in the same."""

from datetime import timedelta
from uuid import uuid4

from tesweb_sandbox_bank import notices, orders, sbp
from tesweb_sandbox_bank.bank import Bank
from tesweb_sandbox_bank.errors import Invalid, NotFound
from tesweb_sandbox_bank.models import Body, Method, Payment, Receipt, Refund
from tesweb_sandbox_bank.store import Work
from tesweb_sandbox_bank.testcards import Outcome

CONFIRM_LIFE = timedelta(hours=1)
HOLD_LIFE = timedelta(days=7)
#: So long the till takes to register a receipt.
TILL_TIME = timedelta(seconds=3)
#: So long a payment can be given back.
REFUND_LIFE = timedelta(days=3 * 365)
_ABANDONED = ("yoo_money", "expired_on_confirmation")
_NOT_TAKEN = ("yoo_money", "expired_on_capture")
_BY_SHOP = ("merchant", "canceled_by_merchant")


def create(bank: Bank, work: Work, body: Body) -> Payment:
    """A new payment; one by a saved card is through at once."""
    made = orders.payment(body, bank.clock.stamp())
    if made.method_id:
        _charge_saved(bank, work, made)
    else:
        made.expires_at = bank.clock.stamp(CONFIRM_LIFE)
        made.qr = sbp.new_code()
    work.save(made)
    return made


def payment(bank: Bank, work: Work, number: str) -> Payment:
    """The payment as it stands now. Raises NotFound."""
    sweep(bank, work)
    found = work.find(Payment, number)
    if found is None:
        raise NotFound("Payment doesn't exist", "payment_id")
    return found


def charge_card(bank: Bank, work: Work, made: Payment, outcome: Outcome, card: Body) -> None:
    """What the issuing bank says to a card that was typed on the page."""
    made.method, made.card, made.method_id = orders.CARD, card, str(uuid4())
    declined = bank.faults.declines("card")
    if declined is None and not outcome.is_good:
        declined = (outcome.party, outcome.reason)
    if declined is not None:
        cancel(bank, work, made, declined)
        return
    if made.save_method:
        made.is_saved = True
        work.save(Method(made.method_id, bank.clock.stamp(), card))
    _take(bank, work, made)


def lose_card(bank: Bank, work: Work, made: Payment, card: Body, why: tuple[str, str]) -> None:
    """The payer could not show that the card is theirs."""
    made.method, made.card, made.method_id = orders.CARD, card, str(uuid4())
    cancel(bank, work, made, why)


def charge_sbp(bank: Bank, work: Work, made: Payment) -> None:
    """The payer has confirmed in the bank's app."""
    made.method, made.method_id = orders.SBP, str(uuid4())
    declined = bank.faults.declines("sbp")
    if declined is not None:
        cancel(bank, work, made, declined)
    else:
        _take(bank, work, made)


def abandon(bank: Bank, work: Work, made: Payment) -> None:
    """The payer goes away without paying; nobody has to wait for the hour to end."""
    cancel(bank, work, made, _ABANDONED)


def capture(bank: Bank, work: Work, number: str, body: Body) -> Payment:
    """Take a held sum or a part of it. Raises NotFound, Invalid."""
    made = _held(bank, work, number)
    made.amount, receipt = orders.captured(body, made.amount)
    made.receipt = receipt or made.receipt
    _capture(bank, work, made)
    return made


def release(bank: Bank, work: Work, number: str) -> Payment:
    """Let a held sum go. Raises NotFound, Invalid."""
    made = _held(bank, work, number)
    cancel(bank, work, made, _BY_SHOP)
    return made


def cancel(bank: Bank, work: Work, made: Payment, why: tuple[str, str]) -> None:
    """The payment ends without money; `why` is party and reason."""
    made.status, made.is_paid, made.expires_at = "canceled", False, ""
    made.party, made.reason = why
    made.receipt_registration = "canceled" if made.receipt else ""
    work.save(made)
    bank.challenges.drop(made.id)
    notices.of_payment(bank, work, made)


def refund(bank: Bank, work: Work, body: Body) -> Refund:
    """Give back a payment or a part of it. Raises NotFound, Invalid."""
    made = orders.refund(body, bank.clock.stamp())
    about = payment(bank, work, made.payment_id)
    if about.status != "succeeded":
        raise Invalid("payment_id", "Only a succeeded payment can be refunded")
    if made.amount > about.amount - about.refunded:
        raise Invalid("amount", "Must not be more than what is left of the payment")
    if about.captured_at < bank.clock.stamp(-REFUND_LIFE):
        raise Invalid("payment_id", "The payment is older than three years")
    declined = bank.faults.declines("refund")
    if declined is not None:
        made.status = "canceled"
        made.party, made.reason = declined
        work.save(made)
        return made
    about.refunded += made.amount
    _print(bank, work, about, made)
    work.save(about)
    work.save(made)
    notices.of_refund(bank, work, made)
    return made


def receipt(bank: Bank, work: Work, body: Body) -> Receipt:
    """A receipt apart from its payment. Raises NotFound, Invalid."""
    made, settled = orders.receipt(body, bank.clock.stamp())
    about: Payment | Refund | None
    if made.type == "refund":
        about = work.find(Refund, made.refund_id)
    else:
        about = work.find(Payment, made.payment_id)
    if about is None:
        raise NotFound("There is no such operation", f"{made.type}_id")
    if about.status != "succeeded" or settled > about.amount:
        raise Invalid("settlements", "Must not be more than what was paid")
    made.expires_at, made.number = bank.clock.stamp(TILL_TIME), _next_number(work)
    work.save(made)
    return made


def sweep(bank: Bank, work: Work) -> None:
    """Whatever ends by itself ends now, if its time is over."""
    now = bank.clock.stamp()
    for late in work.ending(Payment, now):
        cancel(bank, work, late, _ABANDONED if late.status == "pending" else _NOT_TAKEN)
    for printed in work.ending(Receipt, now):
        printed.status, printed.registered_at, printed.expires_at = "succeeded", now, ""
        work.save(printed)
        _tell_registered(work, printed)


def _charge_saved(bank: Bank, work: Work, made: Payment) -> None:
    method = work.find(Method, made.method_id)
    if method is None or method.status != "active":
        raise Invalid("payment_method_id", "There is no such saved payment method")
    made.card, made.is_saved = method.card, True
    declined = bank.faults.declines("saved")
    if declined is None:
        _take(bank, work, made)
        return
    if declined[1] == "permission_revoked":
        method.status = "inactive"
        work.save(method)
    cancel(bank, work, made, declined)


def _take(bank: Bank, work: Work, made: Payment) -> None:
    made.is_paid = True
    bank.challenges.drop(made.id)
    if made.capture:
        _capture(bank, work, made)
        return
    made.status, made.expires_at = "waiting_for_capture", bank.clock.stamp(HOLD_LIFE)
    work.save(made)
    notices.of_payment(bank, work, made)


def _capture(bank: Bank, work: Work, made: Payment) -> None:
    made.status, made.expires_at = "succeeded", ""
    made.captured_at = bank.clock.stamp()
    _print(bank, work, made)
    work.save(made)
    notices.of_payment(bank, work, made)


def _held(bank: Bank, work: Work, number: str) -> Payment:
    made = payment(bank, work, number)
    if made.status != "waiting_for_capture":
        raise Invalid("payment_id", "The payment is not waiting for capture")
    return made


def _print(bank: Bank, work: Work, paid: Payment, returned: Refund | None = None) -> None:
    about = returned or paid
    if about.receipt is None:
        return
    about.receipt_registration = "pending"
    kind, number = ("refund", returned.id) if returned else ("payment", "")
    made = Receipt(f"rt-{uuid4()}", bank.clock.stamp(), kind, paid.id, number, about.receipt)
    made.expires_at, made.number = bank.clock.stamp(TILL_TIME), _next_number(work)
    work.save(made)


def _next_number(work: Work) -> int:
    number = int(work.fact("documents") or 0) + 1
    work.remember("documents", str(number))
    return number


def _tell_registered(work: Work, printed: Receipt) -> None:
    about: Payment | Refund | None
    if printed.type == "refund":
        about = work.find(Refund, printed.refund_id)
    else:
        about = work.find(Payment, printed.payment_id)
    if about is not None and about.receipt_registration == "pending":
        about.receipt_registration = "succeeded"
        work.save(about)
