"""What waits for a decision: alarms, money in suspense, refunds."""

from flask import Response, abort, request, url_for
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.cashier import acts
from tesweb.cashier.acts import Owned, OwnRequest, Suspended, item_of, line_by_hand, suspended
from tesweb.cashier.corrections import lately
from tesweb.cashier.forms import AnswerForm, ReasonForm, chosen_account
from tesweb.cashier.looks import missing
from tesweb.cashier.routes import blueprint
from tesweb.cashier.statements import (
    ALARM,
    ALARMS_CLOSED,
    ALARMS_OPEN,
    MAYBE_ITS_ORDERS,
    REFUND_FULLY,
    REFUNDS_ASKED,
    REFUNDS_DECIDED,
)
from tesweb.cashier.wording import alarm_in_words, subject_in_words
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.operator.members import Found
from tesweb.payments.forms import in_words
from tesweb.payments.refund_forms import ground_in_words
from tesweb.payments.refunds import Busy, Decided, NoSource, NotOverpaid, room
from tesweb.payments.stuck import GoneBack, Silent, is_stuck
from tesweb.payments.wording import REFUNDS

_NUMBER = "<int(max=9007199254740991):{}>"
_ALARM = f"/alarms/{_NUMBER.format('alarm_id')}"
_ITEM = f"/suspense/{_NUMBER.format('item_id')}"
_REFUND = f"/refunds/{_NUMBER.format('refund_id')}"
_MOST, _LATELY, _PAGE = 200, 30, 100
#: No number has more digits.
_DIGITS = 15


@blueprint.get("/alarms")
@policy.operator
def alarms() -> Response:
    """What somebody has to look at, and what was dealt with lately."""
    return htmx.render(
        "cashier/alarms.html",
        alarms=connection().execute(ALARMS_OPEN, {"most": _MOST}).all(),
        closed=connection().execute(ALARMS_CLOSED, {"most": _LATELY}).all(),
        in_words=alarm_in_words,
        about_what=subject_in_words,
    )


@blueprint.get(_ALARM)
@policy.operator
def alarm(alarm_id: int) -> Response:
    """One alarm: what it means, what to do, how it was closed."""
    return _alarm_page(alarm_id, AnswerForm(formdata=None))


@blueprint.post(_ALARM)
@policy.operator
def close_alarm(alarm_id: int) -> Response:
    """Note how it was dealt with."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _alarm_page(alarm_id, form, 422)
    acts.close_alarm(policy.visitor().id, alarm_id, form.answer.data)
    return htmx.redirect("cashier.alarm", alarm_id=alarm_id)


def _alarm_page(alarm_id: int, form: AnswerForm, status: int = 200) -> Response:
    row = connection().execute(ALARM, {"alarm_id": alarm_id}).first()
    if row is None:
        abort(404)
    kind, _space, number = row.subject.partition(" ")
    title, meaning = alarm_in_words(row.kind)
    return htmx.render(
        "cashier/alarm.html",
        status,
        alarm=row,
        form=form,
        title=title,
        meaning=meaning,
        about=(kind, int(number)) if number.isdigit() else None,
        about_what=subject_in_words,
        me=policy.visitor().id,
    )


@blueprint.get("/suspense")
@policy.operator
def suspense() -> Response:
    """Money that belongs to nobody yet, the oldest first."""
    text = request.args.get("after", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
    items = suspended(connection(), after, _PAGE + 1)
    return htmx.render(
        "cashier/suspense.html",
        items=items[:_PAGE],
        further=items[_PAGE - 1].id if len(items) > _PAGE else None,
        decided=lately(connection(), _LATELY),
        about_what=subject_in_words,
        done="done" in request.args,
    )


@blueprint.get(_ITEM)
@policy.fresh
@policy.operator
def suspense_item(item_id: int) -> Response:
    """One sum, and what can be decided about it; with an account's number, that account."""
    item, form = _item(item_id), AnswerForm(formdata=None)
    if "account" not in request.args:
        return _item_page(item, form, {})
    account, no = chosen_account(request.args)
    if account is None:
        return _item_page(item, form, {"account": no}, 422)
    unseen = missing("cashier.suspense")
    if unseen is not None:
        return unseen
    return _item_page(item, form, {}, account=account)


@blueprint.post(f"{_ITEM}/assign")
@policy.fresh
@policy.operator
def assign(item_id: int) -> Response:
    """Put it to the account whose address was looked at."""
    item, form = _item(item_id), AnswerForm()
    account, no = chosen_account(request.form)
    if account is None:
        return _item_page(item, form, {"account": no}, 422)
    if not form.validate_on_submit():
        return _item_page(item, form, {}, 422, account=account)
    try:
        acts.assign(policy.visitor().id, item_id, account.id, form.answer.data)
    except Decided:
        busy = _("A refund of it is under way: wait what becomes of it.")
        return _item_page(item, form, {"back": busy}, 422, account=account)
    except Owned as owned:
        known = _(
            "This is the money of payment No. %(number)s, as the bank has told meanwhile: read its "
            "register again, and it leaves the suspense by itself.",
            number=owned.order_id,
        )
        return _item_page(item, form, {"back": known}, 422, account=account)
    except LookupError:
        abort(404)
    return htmx.redirect("cashier.suspense", done=1)


@blueprint.post(f"{_ITEM}/same")
@policy.fresh
@policy.operator
def same_money(item_id: int) -> Response:
    """Say that an operator has put it to an account already, by its line of a register."""
    item, form = _item(item_id), AnswerForm()
    if not form.validate_on_submit():
        return _item_page(item, form, {}, 422)
    try:
        acts.same_money(policy.visitor().id, item_id, form.answer.data)
    except (Decided, LookupError):
        abort(404)
    return htmx.redirect("cashier.suspense", done=1)


@blueprint.post(f"{_ITEM}/back")
@policy.fresh
@policy.operator
def send_back(item_id: int) -> Response:
    """Give it back to the payer through the bank."""
    item, form = _item(item_id), AnswerForm()
    if not form.validate_on_submit():
        return _item_page(item, form, {}, 422)
    try:
        refund_id = acts.send_back(policy.visitor().id, item_id, form.answer.data)
    except (Decided, NoSource):
        no = _(
            "This cannot be sent back through the bank now: it is on its way, or the bank cannot."
        )
        return _item_page(item, form, {"back": no}, 422)
    return htmx.redirect("cashier.refund", refund_id=refund_id)


def _item(item_id: int) -> Suspended:
    try:
        return item_of(connection(), item_id)
    except LookupError:
        abort(404)


def _item_page(
    item: Suspended,
    form: AnswerForm,
    errors: dict[str, str],
    status: int = 200,
    account: Found | None = None,
) -> Response:
    maybe: list[int] = []
    if account is not None and item.line_id is not None:
        asked = {"account_id": account.id, "gateway": item.gateway, "amount": item.amount}
        maybe = list(connection().execute(MAYBE_ITS_ORDERS, asked).scalars())
    return htmx.render(
        "cashier/suspense_item.html",
        status,
        item=item,
        maybe=maybe,
        line=line_by_hand(connection(), item),
        form=form,
        errors=errors,
        account=account,
        typed=request.values.get("account", "")[:60],
        regions=list(core().regions.values()),
        chosen=request.values.get("region", "") or core().default_region.name,
        region_of=core().region,
    )


@blueprint.get("/refunds")
@policy.operator
def refunds() -> Response:
    """Requests that wait, and what was decided lately."""
    return htmx.render(
        "cashier/refunds.html",
        asked=connection().execute(REFUNDS_ASKED, {"most": _MOST}).all(),
        decided=connection().execute(REFUNDS_DECIDED, {"most": _LATELY}).all(),
        states=REFUNDS,
    )


@blueprint.get(_REFUND)
@policy.fresh
@policy.operator
def refund(refund_id: int) -> Response:
    """One request, with the account that it is about, once the look at it is written down."""
    return _refund_page(refund_id, AnswerForm(formdata=None))


@blueprint.post(f"{_REFUND}/approve")
@policy.fresh
@policy.operator
def approve(refund_id: int) -> Response:
    """Let the money go."""
    form = AnswerForm(formdata=None)
    try:
        acts.approve(policy.visitor().id, refund_id)
    except OwnRequest:
        abort(403)
    except NotOverpaid as less:
        text = _("Only %(sum)s is overpaid now. Decline it, and say so.", sum=in_words(less.most))
        return _refund_page(refund_id, form, 422, text)
    except NoSource as less:
        text = _(
            "Only %(sum)s can go back through the bank. Decline it, and return the money by an "
            "application.",
            sum=in_words(less.most),
        )
        return _refund_page(refund_id, form, 422, text)
    except Busy:
        text = _(
            "Another refund of the same payment is on its way. Approve this one when it has "
            "arrived, usually in a few minutes."
        )
        return _refund_page(refund_id, form, 422, text)
    except Decided:
        pass
    return htmx.redirect("cashier.refund", refund_id=refund_id)


@blueprint.post(f"{_REFUND}/again")
@policy.fresh
@policy.operator
def ask_bank_again(refund_id: int) -> Response:
    """Ask the bank again about a refund that was given up."""
    try:
        acts.ask_bank_again(policy.visitor().id, refund_id)
    except OwnRequest:
        abort(403)
    except Decided:
        pass
    return htmx.redirect("cashier.refund", refund_id=refund_id)


@blueprint.post(f"{_REFUND}/undone")
@policy.fresh
@policy.operator
def let_go(refund_id: int) -> Response:
    """Say that the bank has not done it, after a look at the bank's desk."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _refund_page(refund_id, form, 422)
    try:
        acts.let_go(policy.visitor().id, refund_id, form.answer.data)
    except OwnRequest:
        abort(403)
    except Silent:
        text = _("The bank does not answer now. Try again later.")
        return _refund_page(refund_id, form, 422, text)
    except (Decided, GoneBack):
        pass
    return htmx.redirect("cashier.refund", refund_id=refund_id)


@blueprint.post(f"{_REFUND}/decline")
@policy.fresh
@policy.operator
def decline(refund_id: int) -> Response:
    """Say no, with the reason."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _refund_page(refund_id, form, 422)
    try:
        acts.decline(policy.visitor().id, refund_id, form.answer.data)
    except OwnRequest:
        abort(403)
    except Decided:
        pass
    return htmx.redirect("cashier.refund", refund_id=refund_id)


def _refund_page(
    refund_id: int, form: AnswerForm, status: int = 200, problem: str | None = None
) -> Response:
    row = connection().execute(REFUND_FULLY, {"refund_id": refund_id}).first()
    if row is None:
        abort(404)
    unseen = missing("cashier.refunds", url_for("cashier.refund", refund_id=refund_id))
    if unseen is not None:
        return unseen
    return htmx.render(
        "cashier/refund.html",
        status,
        refund=row,
        form=form,
        problem=problem,
        is_stuck=is_stuck(row),
        state=REFUNDS[row.state],
        ground=ground_in_words(row.ground),
        can=room(connection(), row.account_id, row.balance, row.id),
        me=policy.visitor().id,
        region_of=core().region,
    )
