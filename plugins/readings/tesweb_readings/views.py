"""Entering readings: the table, the check, the receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import Response, abort, request, url_for

from tesweb.api import (
    RECEIPT_OF_ID,
    RECEIPT_ROWS,
    BadValue,
    ChangedMeanwhile,
    Doubted,
    Incomplete,
    Judgement,
    KeyTaken,
    LinkedAccount,
    MonthClosed,
    RegisterId,
    Role,
    Submission,
    accept_readings,
    connection,
    core,
    is_fragment,
    judge_readings,
    policy,
    push,
    redirect,
    render,
    settings_of,
)
from tesweb_readings.desk import Desk, names_of, open_desk
from tesweb_readings.estimates import estimate
from tesweb_readings.forms import (
    Filled,
    exchange,
    new_key,
    read_confirmed,
    read_key,
    read_table,
    read_values,
    texts_of,
)
from tesweb_readings.routes import NUMBER, blueprint
from tesweb_readings.rows import (
    check_rows,
    errors_of,
    field_rows,
    history_rows,
    receipt_rows,
    recent,
)
from tesweb_readings.settings import ReadingsSettings
from tesweb_readings.statements import ALL_REGISTERS, EVER, HISTORY, SENDER
from tesweb_readings.wording import days_left, window


@dataclass(frozen=True, slots=True)
class Sender:
    """Who was faster."""

    name: str
    at: datetime
    #: The visitor, from another window.
    is_visitor: bool


@blueprint.get("/")
@policy.signed_in
def choose() -> Response:
    """Whose readings: the only account at once, else a list."""
    accounts = policy.visitor().accounts
    if len(accounts) == 1:
        return redirect("readings.page", account_id=accounts[0].id)
    return render("readings/choose.html", accounts=accounts, region_of=core().region)


@blueprint.get("/<int:account_id>/")
@policy.member(Role.READER)
def page(account: LinkedAccount) -> Response:
    """The table with one empty column, and what was sent before."""
    return _table(open_desk(account), Filled())


@blueprint.get("/<int:account_id>/history")
@policy.member(Role.READER)
def history(account: LinkedAccount) -> Response:
    """Everything that is known about the account's meters."""
    asked = {"account_id": account.id, "since": EVER}
    names = names_of(connection().execute(ALL_REGISTERS, asked).all())
    rows = connection().execute(HISTORY, asked).all()
    return render("readings/history.html", history=history_rows(rows, names))


@blueprint.get("/<int:account_id>/check")
@blueprint.get("/<int:account_id>/send")
@policy.member(Role.READER)
def start_again(account: LinkedAccount) -> Response:
    """A page that was reloaded, and what was typed is gone: back to the table."""
    return redirect("readings.page", account_id=account.id)


@blueprint.post("/<int:account_id>/check")
@policy.member(Role.PAYER)
def check(account: LinkedAccount) -> Response:
    """What will be sent, or the table again with what is wrong."""
    desk = open_desk(account)
    filled = read_table(request.form, desk.standing)
    if "change" in request.form or filled.is_just_begun:
        return _table(desk, Filled(filled.texts))
    if filled.errors or not desk.takes_readings:
        return _table(desk, filled, status=422)
    judged = _judge(desk, filled.values)
    if "swap" in request.form:
        values = exchange(judged, request.form["swap"])
        filled.texts |= texts_of(values, desk.standing)
        judged = _judge(desk, values)
    if any(each.is_refused for each in judged):
        return _table(desk, filled, judged, status=422)
    response = _checking(desk, judged, filled)
    return push(response, url_for(".check", account_id=account.id))


@blueprint.post("/<int:account_id>/send")
@policy.member(Role.PAYER)
def send(account: LinkedAccount) -> Response:
    """Take the readings and go on to the receipt."""
    region = core().region(account.region)
    try:
        submission = _submission(account)
        accepted = accept_readings(submission, region, settings_of(ReadingsSettings).limits)
    except (BadValue, Incomplete, MonthClosed):
        desk = open_desk(account)
        return _table(desk, read_table(request.form, desk.standing), status=422)
    except KeyTaken:
        return _send_again(account, 422)
    except Doubted as doubted:
        return _doubted(account, doubted.judgements)
    except ChangedMeanwhile:
        return _send_again(account, 409, is_changed=True)
    return redirect(".receipt", account_id=account.id, receipt_id=accepted.receipt_id)


@blueprint.get(f"/<int:account_id>/receipts/<{NUMBER}:receipt_id>")
@policy.member(Role.READER)
def receipt(account: LinkedAccount, receipt_id: int) -> Response:
    """The proof that readings were taken."""
    asked = {"account_id": account.id, "id": receipt_id}
    found = connection().execute(RECEIPT_OF_ID, asked).first()
    if found is None:
        abort(404)
    of_receipt = {"account_id": account.id, "period": found.period, "receipt_id": receipt_id}
    rows = connection().execute(RECEIPT_ROWS, of_receipt).all()
    region = core().region(account.region)
    response = render(
        "readings/receipt.html", receipt=found, rows=receipt_rows(rows), timezone=region.timezone
    )
    if is_fragment():
        push(response, url_for(".receipt", account_id=account.id, receipt_id=receipt_id))
    return response


def _table(
    desk: Desk, filled: Filled, judged: Sequence[Judgement] = (), status: int = 200
) -> Response:
    rows = field_rows(desk, filled, judged)
    waiting = next((row.field for row in rows if not row.text), "") if filled.texts else ""
    return render(
        "readings/table.html",
        status,
        desk=desk,
        rows=rows,
        errors=errors_of(rows) if status == 422 else [],  # noqa: PLR2004 - HTTP's own number
        focus=waiting,
        dispute_values={row.field: row.text for row in rows if row.text},
        window=window(desk.window),
        days_left=days_left(desk.window, desk.today),
        history=recent(desk),
    )


def _checking(
    desk: Desk,
    judged: Sequence[Judgement],
    filled: Filled | None = None,
    *,
    status: int = 200,
    key: str = "",
    **context: object,
) -> Response:
    return render(
        "readings/check.html",
        status,
        desk=desk,
        key=key or new_key(),
        estimate=estimate(desk, judged),
        **({"rows": check_rows(desk, judged, filled)} | context),
    )


def _judge(desk: Desk, values: Mapping[RegisterId, Decimal]) -> tuple[Judgement, ...]:
    dials = [dial for dial in desk.standing.dials if dial.id in values]
    return judge_readings(dials, values, settings_of(ReadingsSettings).limits)


def _submission(account: LinkedAccount) -> Submission:
    form = request.form
    return Submission(
        account.id,
        policy.visitor().id,
        read_key(form),
        read_values(form),
        form.get("seen", ""),
        read_confirmed(form),
    )


def _doubted(account: LinkedAccount, judged: Sequence[Judgement]) -> Response:
    """A box was left unticked, or the page was tampered with."""
    desk = open_desk(account)
    if any(each.is_refused for each in judged):
        texts = texts_of({each.dial.id: each.value for each in judged}, desk.standing)
        return _table(desk, Filled(texts), judged, status=422)
    confirmed = read_confirmed(request.form)
    rows = check_rows(desk, judged, confirmed=confirmed)
    return _checking(desk, judged, status=422, key=read_key(request.form), rows=rows)


def _send_again(account: LinkedAccount, status: int, *, is_changed: bool = False) -> Response:
    """The check page once more, on what is there now."""
    desk = open_desk(account)
    values = read_values(request.form)
    filled = read_table(request.form, desk.standing)
    if filled.errors or filled.values != values or not values:
        return _table(desk, filled, status=422)
    judged = _judge(desk, values)
    if any(each.is_refused for each in judged):
        return _table(desk, filled, judged, status=422)
    return _checking(desk, judged, status=status, is_changed=is_changed, sender=_sender(desk))


def _sender(desk: Desk) -> Sender | None:
    """Who sent what is there now; None where it was the supplier."""
    number = max((dial.receipt_id or 0 for dial in desk.standing.dials), default=0)
    found = connection().execute(SENDER, {"account_id": desk.account.id, "id": number}).first()
    if found is None:
        return None
    return Sender(found.name, found.accepted_at, found.id == policy.visitor().id)
