"""Autopay for people: each account's, what it would have taken, on and off, a month passed over."""

from typing import Any

from flask import Response, abort, request, url_for

from tesweb import htmx
from tesweb.accounts.models import Role
from tesweb.accounts.rules import mask_name, mask_number
from tesweb.accounts.statements import LinkedAccount
from tesweb.autopay import letters, saved, wording
from tesweb.autopay.forms import Filled, empty, read
from tesweb.autopay.routes import blueprint
from tesweb.autopay.rules import End, Kind, dry_run, next_day, total
from tesweb.autopay.runs import bills_of, bounds_of
from tesweb.autopay.services import Locked, NoCard, OnAlready, end, plan_of, skip, switch_on
from tesweb.autopay.statements import (
    LAST_ENDED,
    LIVE_OF_ACCOUNT,
    LIVE_OF_ACCOUNTS,
    RUN,
    RUNS,
    WHOLE,
)
from tesweb.clock import add_months, local_day, month_of
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.journal.wording import ENDINGS
from tesweb.money import NOTHING, Kopecks
from tesweb.payments.protocol import Autopay, Unclear, Way
from tesweb.payments.statements import CARDS, CONTACTS
from tesweb.payments.wording import advice

#: Modules whose routes hang on the blueprint once they are imported.
__all__ = ["blueprint", "saved"]
#: Bills of a year and of the six months that say what was usual before it.
_BILLS = 24
#: The most that is proposed for a bill: twice what is owed now, at least 3,000 ₽, in whole 500 ₽.
_CAP = (2, 3_000_00, 500_00)
_URL = "/autopay/<int:account_id>"
Row = Any


@blueprint.get("/autopay")
@policy.signed_in
def home() -> Response:
    """Every account that the visitor may pay for, and whether it is paid by itself."""
    accounts = [each for each in policy.visitor().accounts if each.permits(Role.PAYER)]
    asked = {"account_ids": [each.id for each in accounts]}
    live = {row.account_id: row for row in connection().execute(LIVE_OF_ACCOUNTS, asked)}
    return htmx.render(
        "autopay/home.html",
        accounts=accounts,
        live=live,
        plan_of=plan_of,
        words=wording,
        region_of=core().region,
    )


@blueprint.get(_URL)
@policy.member(Role.PAYER)
def of_account(account: LinkedAccount) -> Response:
    """The account's autopay: how it stands, or the form to switch it on."""
    row = _live(account)
    if row is not None:
        return _standing(account, row)
    cards = _cards()
    times, least, step = _CAP
    suggested = Kopecks(-(-max(times * account.balance, least) // step) * step)
    return _form(account, cards, empty(cards, request.args.get("sum", ""), suggested))


@blueprint.get(f"{_URL}/check")
@policy.fresh
@policy.member(Role.PAYER)
def look(account: LinkedAccount) -> Response:
    """What will be taken, and what would have been in the last year; changes nothing."""
    if not request.args or _live(account) is not None:
        return htmx.redirect(".of_account", account_id=account.id)
    cards = _cards()
    filled = _read(request.args, account, cards)
    if filled.plan is None:
        return _form(account, cards, filled, 422)
    return _look(account, filled, cards)


@blueprint.post(_URL)
@policy.fresh
@policy.member(Role.PAYER)
def start(account: LinkedAccount) -> Response:
    """Switch it on."""
    cards = _cards()
    filled = _read(request.form, account, cards)
    if filled.plan is None or filled.card_id is None:
        return _form(account, cards, filled, 422)
    try:
        with core().database.work() as work:
            switch_on(work, policy.visitor().id, account.id, filled.card_id, filled.plan)
    except Locked:
        return htmx.redirect("freeze.locked")
    except (OnAlready, NoCard):
        return htmx.redirect(".of_account", account_id=account.id)
    return htmx.redirect(".of_account", account_id=account.id, done="on")


@blueprint.post(f"{_URL}/off")
@policy.member(Role.PAYER)
def stop(account: LinkedAccount) -> Response:
    """Switch off what the visitor has switched on; no proof is asked for that."""
    row = _live(account)
    if row is None or row.user_id != policy.visitor().id:
        return htmx.redirect(".of_account", account_id=account.id)
    with core().database.work() as work:
        end(work, row.id, End.USER)
    return htmx.redirect(".of_account", account_id=account.id, done="off")


@blueprint.get("/autopay/skip/<ticket>")
@policy.anyone
def skipping(ticket: str) -> Response:
    """What the link in a message is about, and the button."""
    return _skip_page(ticket)


@blueprint.post("/autopay/skip/<ticket>")
@policy.anyone
def pass_over(ticket: str) -> Response:
    """Take nothing that time: whoever has the message may, as nothing is lost by it."""
    autopay_id, period = _signed(ticket)
    with core().database.work() as work:
        skip(work, autopay_id, period)
    return htmx.redirect(".skipping", ticket=ticket)


def _signed(ticket: str) -> Any:  # noqa: ANN401 - an id and a month
    try:
        return letters.signed(ticket)
    except LookupError:
        abort(404)


def _skip_page(ticket: str) -> Response:
    autopay_id, period = _signed(ticket)
    asked = {"autopay_id": autopay_id, "period": period}
    run = connection().execute(RUN, asked).first()
    row = connection().execute(WHOLE, {"autopay_id": autopay_id}).first()
    if run is None or row is None:
        abort(404)
    return htmx.render(
        "autopay/skip.html",
        run=run,
        ticket=ticket,
        number=mask_number(row.number),
        timezone=core().region(row.region).timezone,
        state=wording.STATES[run.state],
    )


def _live(account: LinkedAccount) -> Row | None:
    return connection().execute(LIVE_OF_ACCOUNT, {"account_id": account.id}).first()


def _cards() -> list[Row]:
    """The visitor's cards whose gateway is there and may take money by itself."""
    rows = connection().execute(CARDS, {"user_id": policy.visitor().id})
    return [row for row in rows if _most(row.gateway)]


def _most(gateway: str) -> Kopecks:
    """What the gateway takes from a card at once; nothing where it cannot, or does not say."""
    teller = core().gateways.get(gateway)
    if teller is None or Way.CARD not in teller.ways or not teller.can(Autopay):
        return NOTHING
    try:
        return teller.terms(Kopecks(1_00), Way.CARD).most
    except Unclear:
        return NOTHING


def _read(values: Any, account: LinkedAccount, cards: list[Row]) -> Filled:  # noqa: ANN401 - a form
    bounds = bounds_of(account.region)
    most = min((_most(card.gateway) for card in cards), default=bounds.least)
    return read(values, cards, bounds.least, most)


def _form(account: LinkedAccount, cards: list[Row], filled: Filled, status: int = 200) -> Response:
    person = policy.visitor()
    contact = connection().execute(CONTACTS, {"user_id": person.id}).one()
    asked = {"account_id": account.id, "user_id": person.id}
    return htmx.render(
        "autopay/form.html",
        status,
        account=account,
        cards=cards,
        filled=filled,
        brand=wording.brand,
        has_contact=bool(letters.contact_of(contact)),
        ended=connection().execute(LAST_ENDED, asked).first(),
        endings=ENDINGS,
        done=request.args.get("done", ""),
        region_of=core().region,
    )


def _look(account: LinkedAccount, filled: Filled, cards: list[Row]) -> Response:
    region, now = core().region(account.region), core().clock.now()
    today = local_day(now, region.timezone)
    since = add_months(month_of(today), -_BILLS)
    bills = bills_of(connection(), account.id, since)
    assert filled.plan is not None  # noqa: S101 - the caller has looked
    trials = dry_run(filled.plan, bills, today, bounds_of(account.region))
    return htmx.render(
        "autopay/look.html",
        account=account,
        filled=filled,
        card=next(card for card in cards if card.id == filled.card_id),
        words=wording,
        trials=trials,
        total=total(trials),
        next_day=next_day(filled.plan, now, region.timezone),
        is_bill=filled.plan.kind is Kind.BILL,
        region_of=core().region,
    )


def _standing(account: LinkedAccount, row: Row) -> Response:
    is_own = row.user_id == policy.visitor().id
    plan, region = plan_of(row), core().region(account.region)
    runs = connection().execute(RUNS, {"autopay_id": row.id}).all() if is_own else []
    waiting = next((run for run in runs if run.state in {"noticed", "charging"}), None)
    return htmx.render(
        "autopay/standing.html",
        account=account,
        row=row,
        is_own=is_own,
        holder=mask_name(row.name),
        plan=plan,
        words=wording,
        runs=runs,
        waiting=waiting,
        next_day=next_day(plan, core().clock.now(), region.timezone),
        skip=url_for(".skipping", ticket=letters.sign(row.id, waiting.period)) if waiting else "",
        advice=advice,
        region_of=core().region,
        timezone=region.timezone,
        done=request.args.get("done", ""),
    )
