"""Lists of the API: the newest first, by pages."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from tesweb_sandbox_bank import answers
from tesweb_sandbox_bank.bank import Bank
from tesweb_sandbox_bank.errors import Invalid
from tesweb_sandbox_bank.models import Body, Payment, Receipt, Refund
from tesweb_sandbox_bank.options import written
from tesweb_sandbox_bank.store import EARLIEST, LATEST, Work

T = TypeVar("T", Payment, Refund, Receipt)
_PAGE, _MOST = 10, 100


def payments(bank: Bank, work: Work, asked: Mapping[str, str]) -> Body:
    """`GET /payments`."""
    found = _timed(work, Payment, asked)
    found = _same(found, asked, status="status", method="payment_method")
    found = (one for one in found if _is_within(one.captured_at, asked, "captured_at"))
    return _page(found, asked, lambda one: answers.payment(bank.options, one))


def refunds(_bank: Bank, work: Work, asked: Mapping[str, str]) -> Body:
    """`GET /refunds`."""
    found = _timed(work, Refund, asked)
    found = _same(found, asked, status="status", payment_id="payment_id")
    return _page(found, asked, answers.refund)


def receipts(_bank: Bank, work: Work, asked: Mapping[str, str]) -> Body:
    """`GET /receipts`."""
    found = _timed(work, Receipt, asked)
    found = _same(found, asked, status="status", payment_id="payment_id", refund_id="refund_id")
    return _page(found, asked, answers.receipt)


def _timed(work: Work, kind: type[T], asked: Mapping[str, str]) -> Iterable[T]:
    since = _moment(asked, "created_at.gte") or _moment(asked, "created_at.gt") or EARLIEST
    until = _moment(asked, "created_at.lte") or _moment(asked, "created_at.lt") or LATEST
    found = work.newest(kind, since, until)
    return (one for one in found if _is_within(one.created_at, asked, "created_at"))


def _is_within(moment: str, asked: Mapping[str, str], name: str) -> bool:
    """Whether a moment lies where all the four limits want it."""
    limits = {end: _moment(asked, f"{name}.{end}") for end in ("gte", "gt", "lte", "lt")}
    return (
        (not limits["gte"] or moment >= limits["gte"])
        and (not limits["gt"] or moment > limits["gt"])
        and (not limits["lte"] or (bool(moment) and moment <= limits["lte"]))
        and (not limits["lt"] or (bool(moment) and moment < limits["lt"]))
    )


def _moment(asked: Mapping[str, str], name: str) -> str:
    """A moment of the query in the form of those that are kept."""
    text = asked.get(name, "")
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Invalid(name, "Must be a moment as 2026-11-23T10:00:00.000Z") from None
    return written(found if found.tzinfo else found.replace(tzinfo=UTC))


def _same(found: Iterable[T], asked: Mapping[str, str], **names: str) -> Iterable[T]:
    wanted = {field: asked[name] for field, name in names.items() if name in asked}
    return (one for one in found if all(getattr(one, field) == wanted[field] for field in wanted))


def _page(found: Iterable[T], asked: Mapping[str, str], told: Callable[[T], Body]) -> Body:
    limit = asked.get("limit", str(_PAGE))
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= _MOST:
        raise Invalid("limit", f"Must be a whole number from 1 to {_MOST}")
    rows = list(found)
    cursor = asked.get("cursor", "")
    ids = [one.id for one in rows]
    if cursor and cursor not in ids:
        raise Invalid("cursor", "There is no such page")
    start = ids.index(cursor) if cursor else 0
    answer: Body = {"type": "list", "items": [told(one) for one in rows[start:][: int(limit)]]}
    if start + int(limit) < len(rows):
        answer["next_cursor"] = ids[start + int(limit)]
    return answer
