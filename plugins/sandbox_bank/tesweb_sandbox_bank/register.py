"""The register of a day: every payment and refund with the bank's fee."""

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response

from tesweb_sandbox_bank.api import check_shop, refused
from tesweb_sandbox_bank.bank import bank
from tesweb_sandbox_bank.errors import ApiError, NotFound
from tesweb_sandbox_bank.models import Payment, Refund
from tesweb_sandbox_bank.money import fee, plain
from tesweb_sandbox_bank.options import written
from tesweb_sandbox_bank.store import Work

blueprint = Blueprint("register", __name__)
blueprint.register_error_handler(ApiError, refused)
#: The bank's day.
ZONE = ZoneInfo("Europe/Moscow")
COLUMNS = ("kind", "id", "payment", "order", "amount", "fee", "moment")
Row = tuple[str, ...]


@blueprint.get("/register/<day>.csv")
def register(day: str) -> Response:
    """The day's register, for the shop."""
    check_shop()
    try:
        since = datetime.combine(date.fromisoformat(day), time(), ZONE)
    except ValueError:
        raise NotFound("There is no such day", "day") from None
    until = datetime.combine(since.date() + timedelta(days=1), time(), ZONE)
    with bank().store.work() as work:
        rows = _rows(work, written(since.astimezone(UTC)), written(until.astimezone(UTC)))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerows((COLUMNS, *sorted(rows, key=lambda row: row[-1])))
    return Response(text.getvalue(), content_type="text/csv; charset=utf-8")


def _rows(work: Work, since: str, until: str) -> list[Row]:
    paid = [one for one in work.newest(Payment) if since <= one.captured_at < until]
    gone = [one for one in work.newest(Refund, since, until) if one.status == "succeeded"]
    rows = [_payment_row(one) for one in paid]
    return rows + [_refund_row(work, one) for one in gone if one.created_at < until]


def _payment_row(made: Payment) -> Row:
    sums = (plain(made.amount), plain(fee(made.amount)))
    return ("payment", made.id, made.id, _order(made), *sums, made.captured_at)


def _refund_row(work: Work, made: Refund) -> Row:
    about = work.find(Payment, made.payment_id)
    order = _order(about) if about else ""
    return ("refund", made.id, made.payment_id, order, plain(made.amount), "0.00", made.created_at)


def _order(made: Payment) -> str:
    return str(made.metadata.get("key") or made.metadata.get("order") or "")
