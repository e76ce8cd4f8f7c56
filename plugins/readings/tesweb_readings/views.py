"""Entering readings: the table, the check, the receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from urllib.parse import urlencode

from flask import Response, abort, request, url_for

from tesweb.api import (
    RECEIPT_OF_ID,
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
    SenderLocked,
    Submission,
    Verdict,
    accept_readings,
    connection,
    core,
    judge_readings,
    leave,
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
    address_of,
    exchange,
    new_key,
    read_confirmed,
    read_key,
    read_table,
    read_texts,
    read_values,
    texts_of,
)
from tesweb_readings.routes import NUMBER, blueprint
from tesweb_readings.rows import (
    check_rows,
    errors_of,
    field_rows,
    gone_rows,
    history_rows,
    present_rows,
    receipt_rows,
    recent,
)
from tesweb_readings.settings import ReadingsSettings
from tesweb_readings.statements import ALL_REGISTERS, EVER, HISTORY, SENDER, VERSIONS
from tesweb_readings.wording import days_left, moment, window

_SLIPS = frozenset({Verdict.TIMES_TEN, Verdict.SWAPPED})


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
    """The table with one empty column, and what was sent before.

    What was typed before comes along in the address.
    """
    desk = open_desk(account)
    return _table(desk, read_texts(request.args, desk.standing))


@blueprint.get("/<int:account_id>/history")
@policy.member(Role.READER)
def history(account: LinkedAccount) -> Response:
    """Everything that is known about the account's meters."""
    asked = {"account_id": account.id, "since": EVER}
    names = names_of(connection().execute(ALL_REGISTERS, asked).all())
    rows = connection().execute(HISTORY, asked).all()
    return render("readings/history.html", history=history_rows(rows, names))


@blueprint.get("/<int:account_id>/send")
@policy.member(Role.READER)
def start_again(account: LinkedAccount) -> Response:
    """A page that was reloaded, and what was typed is gone: back to the table."""
    return redirect("readings.page", account_id=account.id)


@blueprint.get("/<int:account_id>/check")
@policy.member(Role.PAYER)
def check(account: LinkedAccount) -> Response:
    """What will be sent, or the table again with what is wrong.

    It changes nothing, so the values stand in the address: the page may be reloaded and gone back
    to.
    """
    if not request.args:
        return redirect(".page", account_id=account.id)
    desk = open_desk(account)
    filled = read_table(request.args, desk.standing)
    response = _judged(desk, filled)
    # What is only begun would be scolded at a reload of the check page.
    endpoint = ".page" if filled.is_just_begun else ".check"
    address = url_for(endpoint, account_id=account.id)
    return push(response, f"{address}?{urlencode(address_of(filled.texts))}")


def _judged(desk: Desk, filled: Filled) -> Response:
    if filled.is_just_begun:
        return _table(desk, Filled(filled.texts, helped=True))
    if not desk.takes_readings:
        return _table(desk, Filled(filled.texts), status=422)
    if filled.errors:
        return _table(desk, filled, status=422)
    judged = _judge(desk, filled.values)
    if "swap" in request.args:
        values = exchange(judged, request.args["swap"])
        filled.texts |= texts_of(values, desk.standing)
        judged = _judge(desk, values)
    if any(each.is_refused for each in judged):
        return _table(desk, filled, judged, status=422)
    return _checking(desk, judged, filled)


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
    except SenderLocked:
        return leave(url_for("freeze.locked"))
    return redirect(".receipt", account_id=account.id, receipt_id=accepted.receipt_id)


@blueprint.get(f"/<int:account_id>/receipts/<{NUMBER}:receipt_id>")
@policy.member(Role.READER)
def receipt(account: LinkedAccount, receipt_id: int) -> Response:
    """The proof that readings were taken."""
    asked = {"account_id": account.id, "id": receipt_id}
    found = connection().execute(RECEIPT_OF_ID, asked).first()
    if found is None:
        abort(404)
    of_month = {"account_id": account.id, "period": found.period}
    rows = receipt_rows(connection().execute(VERSIONS, of_month).all(), receipt_id)
    return render(
        "readings/receipt.html",
        receipt=found,
        moment=moment(found.accepted_at, core().region(account.region)),
        rows=rows,
        before=sorted({row.before for row in rows if row.before}),
        after=sorted({row.after for row in rows if row.after}),
    )


def _table(
    desk: Desk, filled: Filled, judged: Sequence[Judgement] = (), status: int = 200
) -> Response:
    rows = field_rows(desk, filled, judged)
    begun = any(filled.texts.values())
    return render(
        "readings/table.html",
        status,
        desk=desk,
        rows=rows,
        errors=errors_of(rows) if status == 422 else [],  # noqa: PLR2004 - HTTP's own number
        gone=gone_rows(desk),
        is_helped=filled.helped,
        focus=next((row.field for row in rows if not row.text), "") if begun else "",
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
    verdicts = {each.verdict for each in judged}
    texts = texts_of({each.dial.id: each.value for each in judged}, desk.standing)
    return render(
        "readings/check.html",
        status,
        desk=desk,
        key=key or new_key(),
        sent=address_of(texts),
        # What a slip of the finger would cost frightens, and is not what will be charged.
        estimate=None if verdicts & _SLIPS else estimate(desk, judged),
        is_slip=bool(verdicts & _SLIPS),
        is_far=Verdict.FAR_ABOVE in verdicts,
        gone=gone_rows(desk),
        receipt_id=_receipt_of(judged),
        **({"rows": check_rows(desk, judged, filled)} | context),
    )


def _receipt_of(judged: Sequence[Judgement]) -> int | None:
    """The receipt with which just these values were taken already."""
    numbers = {each.dial.receipt_id for each in judged}
    same = all(each.value == each.dial.present for each in judged)
    return numbers.pop() if same and len(numbers) == 1 else None


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
    return _checking(
        desk,
        judged,
        status=status,
        is_changed=is_changed,
        sender=_sender(desk),
        moment=partial(moment, region=desk.region),
        present=present_rows(desk),
    )


def _sender(desk: Desk) -> Sender | None:
    """Who sent what is there now; None where it was the supplier."""
    number = max((dial.receipt_id or 0 for dial in desk.standing.dials), default=0)
    found = connection().execute(SENDER, {"account_id": desk.account.id, "id": number}).first()
    if found is None:
        return None
    return Sender(found.name, found.accepted_at, found.id == policy.visitor().id)
