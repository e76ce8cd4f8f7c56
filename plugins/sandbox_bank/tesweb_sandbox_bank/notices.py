"""Notifications: written in the same transaction as what they tell of."""

import json
from datetime import timedelta

from tesweb_sandbox_bank import answers
from tesweb_sandbox_bank.bank import Bank
from tesweb_sandbox_bank.faults import Kind
from tesweb_sandbox_bank.models import Body, Payment, Refund
from tesweb_sandbox_bank.store import Work

_FAULTS = frozenset({Kind.DUPLICATE, Kind.REORDER, Kind.SILENT})
_ADD = "INSERT INTO notices (body, created_at, due_at, copies, is_held, state) VALUES (?,?,?,?,?,?)"


def of_payment(bank: Bank, work: Work, made: Payment) -> None:
    """Tell that the payment has come to a new state."""
    _add(bank, work, f"payment.{made.status}", answers.payment(bank.options, made))


def of_refund(bank: Bank, work: Work, made: Refund) -> None:
    """Tell that money went back."""
    _add(bank, work, "refund.succeeded", answers.refund(made))


def _add(bank: Bank, work: Work, event: str, told: Body) -> None:
    if not bank.options.notify_url:
        return
    found = {fault.fault: fault for fault in bank.faults.take(_FAULTS)}
    held, double = found.get(Kind.REORDER), found.get(Kind.DUPLICATE)
    body = {"type": "notification", "event": event, "object": told}
    row = (
        json.dumps(body, ensure_ascii=False),
        bank.clock.stamp(),
        bank.clock.stamp(timedelta(seconds=held.seconds if held else 0)),
        double.count if double else 1,
        held is not None,
        "lost" if Kind.SILENT in found else "waiting",
    )
    work.connection.execute(_ADD, row)
