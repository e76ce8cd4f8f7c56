"""A credit that was wrong: looked at, put to another account, taken back."""

from flask import Response, abort, request, url_for
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.cashier import corrections
from tesweb.cashier.corrections import Credit, Way, WentBack, credit_of
from tesweb.cashier.forms import AnswerForm, chosen_account
from tesweb.cashier.looks import missing
from tesweb.cashier.routes import blueprint
from tesweb.cashier.statements import ACCOUNTS_OF
from tesweb.cashier.wording import subject_in_words
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.operator.members import Found
from tesweb.payments.refunds import Decided

_CREDIT = "/credits/<int(max=9007199254740991):credit_id>"


@blueprint.get(_CREDIT)
@policy.fresh
@policy.operator
def credit(credit_id: int) -> Response:
    """What was put to accounts; with an account's number, that account to compare."""
    found, form = _found(credit_id), AnswerForm(formdata=None)
    if "account" not in request.args:
        return _page(found, form, {})
    account, no = chosen_account(request.args)
    if account is not None and not found.is_reversed and list(found.accounts) == [account.id]:
        account, no = None, str(_("The money is on this account already."))
    if account is None:
        return _page(found, form, {"account": no}, 422)
    return _page(found, form, {}, account=account)


@blueprint.post(f"{_CREDIT}/move")
@policy.fresh
@policy.operator
def move_credit(credit_id: int) -> Response:
    """Put it to the account whose address was looked at."""
    found, form = _found(credit_id), AnswerForm()
    account, no = chosen_account(request.form)
    came_from = request.form.get("from", type=int)
    if account is None or came_from not in found.accounts:
        return _page(found, form, {"account": no}, 422)
    if not form.validate_on_submit():
        return _page(found, form, {}, 422, account=account)
    way = Way(came_from, account.id)
    try:
        corrections.move(policy.visitor().id, credit_id, way, form.answer.data)
    except (Decided, WentBack) as error:
        return _page(found, form, {"main": _why_not(error)}, 422, account=account)
    return htmx.redirect("cashier.credit", credit_id=credit_id, done=1)


@blueprint.post(f"{_CREDIT}/back")
@policy.fresh
@policy.operator
def take_back_credit(credit_id: int) -> Response:
    """Say that its money never came."""
    found, form = _found(credit_id), AnswerForm()
    if not form.validate_on_submit():
        return _page(found, form, {}, 422)
    try:
        corrections.take_back(policy.visitor().id, credit_id, form.answer.data)
    except (Decided, WentBack) as error:
        return _page(found, form, {"main": _why_not(error)}, 422)
    except LookupError:
        abort(404)
    return htmx.redirect("cashier.credit", credit_id=credit_id, done=1)


def _why_not(error: Exception) -> str:
    if isinstance(error, WentBack):
        return str(
            _(
                "Some of this money has gone back to the payer, or is on its way: it cannot be "
                "corrected here. Settle the rest by a refund or in billing."
            )
        )
    return str(_("Somebody has corrected it already: look at the page again."))


def _found(credit_id: int) -> Credit:
    try:
        return credit_of(connection(), credit_id)
    except LookupError:
        abort(404)


def _page(
    found: Credit,
    form: AnswerForm,
    errors: dict[str, str],
    status: int = 200,
    account: Found | None = None,
) -> Response:
    here = url_for("cashier.credit", credit_id=found.id)
    unseen = None
    if request.method == "GET":
        unseen = missing("cashier.home", request.full_path.rstrip("?") if account else here)
    if unseen is not None:
        return unseen
    rows = connection().execute(ACCOUNTS_OF, {"account_ids": list(found.accounts)})
    if form.error:
        errors = errors | {"answer": form.error}
    return htmx.render(
        "cashier/credit.html",
        status,
        credit=found,
        rows=rows.all(),
        account=account,
        form=form,
        errors=errors,
        about_what=subject_in_words,
        done="done" in request.args,
        typed=request.values.get("account", "")[:60],
        regions=list(core().regions.values()),
        chosen=request.values.get("region", "") or core().default_region.name,
        came_from=request.values.get("from", type=int),
        region_of=core().region,
    )
