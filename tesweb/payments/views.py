"""Paying: which accounts and sums, which way, and off to the bank."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4, uuid5

from flask import Response, request
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.accounts.models import Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.identity.statements import Visitor
from tesweb.layout.headers import let_forms_lead_to
from tesweb.layout.languages import language_code
from tesweb.money import Kopecks
from tesweb.payments import credit_views, errands, notices, other_views, receipts, refund_views
from tesweb.payments.choices import Choice, Saved, choices, of_choice, saved
from tesweb.payments.forms import Sums, in_words, offered, read_contact, typed
from tesweb.payments.models import State
from tesweb.payments.others import of_ticket
from tesweb.payments.routes import blueprint
from tesweb.payments.services import (
    Changed,
    NotPlaced,
    PayerLocked,
    Placed,
    UnderWay,
    Wish,
    least_of,
    place,
)
from tesweb.payments.statements import CARDS, CONTACTS, ORDER
from tesweb.payments.wording import WAYS, brand

#: Modules whose routes hang on the blueprint once they are imported.
__all__ = ["blueprint", "credit_views", "notices", "other_views", "receipts", "refund_views"]


@blueprint.get("")
@policy.signed_in
def start() -> Response:
    """All accounts that the visitor may pay for, with what each owes, or what was typed before."""
    if any(name.startswith("sum-") for name in request.args):
        return _page_of(typed(request.args, _payable({})), 200)
    return _sums_page(None)


@blueprint.get("/<int:account_id>")
@policy.member(Role.READER)
def of_account(account: LinkedAccount) -> Response:
    """The same, with this account chosen where the visitor may pay for it."""
    return _sums_page(account.id)


@blueprint.get("/how")
@policy.signed_in
def how() -> Response:
    """Which way to pay, what it costs, where the receipt goes; or the sums again with a fault.

    Changes nothing, so that what was typed stands in the address and can be gone back to.
    """
    sums = typed(request.args, _payable(request.args))
    if not sums.rows:
        return _page_of(sums, 200)
    found = _judged(sums)
    if sums.problems:
        return _page_of(sums, 422)
    return _how_page(sums, found)


@blueprint.post("")
@policy.signed_in
def send() -> Response:
    """Write the order down, give it to the bank, and lead the payer there."""
    sums = typed(request.form, _payable(request.form))
    found = _judged(sums)
    if sums.problems or not sums.shares:
        return _page_of(sums, 422)
    way = request.form.get("way", "")
    card = next((card for card in _cards(found) if card.value == way), None)
    chosen = card.choice if card else of_choice(found, way)
    contact = read_contact(request.form.get("contact", "")[:254])
    errors = _faults(chosen, contact)
    if errors or chosen is None or contact is None:
        return _how_page(sums, found, 422, errors=errors)
    wish = _wish(sums, chosen, contact, card)
    try:
        placed = _place(wish)
    except UnderWay as other:
        return _how_page(sums, found, 409, under_way=other)
    except PayerLocked:
        return htmx.redirect("freeze.locked")
    except NotPlaced:
        return htmx.redirect("payments.start")
    state = placed.state if placed.is_replay else errands.advance(wish.gateway, placed.order_id)
    return _onward(placed.order_id, state)


def _place(wish: Wish) -> Placed:
    """The order of the form; a form that was changed since it was sent is another one.

    Its mark follows from what it says, so that it is one order however often it is sent.
    """
    try:
        return place(wish)
    except Changed:
        says = f"{sorted(wish.shares.items())} {wish.gateway} {wish.way} {wish.card_id}"
        return place(replace(wish, form_key=str(uuid5(UUID(wish.form_key), says))))


def _onward(order_id: int, state: State) -> Response:
    """To the bank's page, or to ours where there is none (yet)."""
    row = connection().execute(ORDER, {"order_id": order_id}).one()
    if state is State.PENDING and row.step == "redirect":
        return htmx.leave(row.step_url)
    return htmx.redirect("payments.order", order_id=order_id)


def _payable(values: Mapping[str, str]) -> list[LinkedAccount]:
    """The visitor's own accounts, or the one of somebody else that a ticket names."""
    person, ticket = policy.visitor(), values.get("other", "")
    if ticket:
        return [account for account in [of_ticket(person, ticket)] if account is not None]
    return [account for account in person.accounts if account.permits(Role.PAYER)]


def _sums_page(chosen: int | None) -> Response:
    fill = request.args.get("fill", "")
    sums = offered(_payable({}), chosen=chosen, empty=fill == "clear")
    return _page_of(sums, 200)


def _page_of(sums: Sums, status: int) -> Response:
    if sums.other and not sums.rows:
        return htmx.redirect("payments.other")  # its ticket is another's, or of yesterday
    return htmx.render("payments/sums.html", status, sums=sums, region_of=core().region)


def _judged(sums: Sums) -> list[Choice]:
    """The ways to pay this much; what no way takes is told beside the first sum."""
    if not sums.shares or sums.problems:
        return []
    chosen = [row.account for row in sums.rows if row.account.id in sums.shares]
    total, least = Kopecks(sum(sums.shares.values())), least_of(chosen)
    if total < least:
        sums.error = _("We take %(sum)s at least in one payment.", sum=in_words(least))
        return []
    found = choices(total)
    if not any(choice.is_open for choice in found):
        most = max((choice.most for choice in found), default=None)
        sums.error = (
            _("No bank is connected at the moment. Try again later, or call us.")
            if most is None
            else _("We take %(sum)s at most in one payment. Pay in parts.", sum=in_words(most))
        )
    return found


def _how_page(
    sums: Sums,
    found: list[Choice],
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    under_way: UnderWay | None = None,
) -> Response:
    let_forms_lead_to(sorted({origin for choice in found for origin in choice.origins}))
    person = policy.visitor()
    return htmx.render(
        "payments/how.html",
        status,
        rows=[(row.account, sums.shares[row.account.id]) for row in sums.rows if row.is_chosen],
        total=Kopecks(sum(sums.shares.values())),
        choices=found,
        cards=_cards(found),
        brand=brand,
        way=request.form.get("way", ""),
        address=sums.address,
        contact=request.form.get("contact") or _known_contact(person),
        form_key=request.form.get("form_key") or str(uuid4()),
        errors=errors or {},
        under_way=under_way,
        region_of=core().region,
        words={way.value: text for way, text in WAYS.items()},
    )


def _known_contact(person: Visitor) -> str:
    row = connection().execute(CONTACTS, {"user_id": person.id}).one()
    return str(row.email or row.phone or "")


def _faults(chosen: Choice | None, contact: str | None) -> dict[str, str]:
    errors = {}
    if chosen is None or not chosen.is_open:
        errors["way"] = _("Choose how to pay")
    if contact is None:
        errors["contact"] = _("Type an e-mail, for example ivanova@mail.ru, or a phone: +7 912 …")
    return errors


def _cards(found: list[Choice]) -> list[Saved]:
    return saved(found, connection().execute(CARDS, {"user_id": policy.visitor().id}))


def _wish(sums: Sums, chosen: Choice, contact: str, card: Saved | None) -> Wish:
    return Wish(
        user_id=policy.visitor().id,
        shares=sums.shares,
        gateway=chosen.gateway,
        way=chosen.way,
        contact=contact,
        form_key=_form_key(),
        language=language_code(),
        remember="remember" in request.form and card is None,
        autopay=sums.for_autopay,
        card_id=card.id if card else None,
        again="again" in request.form,
        from_outside=bool(sums.other),
    )


def _form_key() -> str:
    """The form's own mark; of a form without one, each sending is a new order."""
    try:
        return str(UUID(request.form.get("form_key", "")))
    except ValueError:
        return str(uuid4())
