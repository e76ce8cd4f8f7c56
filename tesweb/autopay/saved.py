"""Saved cards: what a bank remembers for the visitor, and its end."""

from typing import Any

from flask import Response, abort, request

from tesweb import htmx
from tesweb.autopay import wording
from tesweb.autopay.routes import blueprint
from tesweb.autopay.services import NoCard, remove_card
from tesweb.autopay.statements import CARD_OF, PAID_BY_CARD
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.payments.effects import channel_of
from tesweb.payments.errands import forget_card
from tesweb.payments.statements import CARDS


@blueprint.get("/cards")
@policy.signed_in
def cards() -> Response:
    """The visitor's cards."""
    return htmx.render(
        "autopay/cards.html",
        cards=connection().execute(CARDS, {"user_id": policy.visitor().id}).all(),
        brand=wording.brand,
        bank=channel_of,
        timezone=core().default_region.timezone,
        done=request.args.get("done", ""),
    )


@blueprint.get("/cards/<int:card_id>/remove")
@policy.signed_in
def removing(card_id: int) -> Response:
    """What ends with the card, and the button."""
    return htmx.render(
        "autopay/remove.html",
        card=_own(card_id),
        brand=wording.brand,
        autopays=connection().execute(PAID_BY_CARD, {"card_id": card_id}).all(),
        region_of=core().region,
    )


@blueprint.post("/cards/<int:card_id>/remove")
@policy.signed_in
def remove(card_id: int) -> Response:
    """Forget the card here at once, and at its bank as soon as that answers."""
    try:
        with core().database.work() as work:
            forgotten_id = remove_card(work, policy.visitor().id, card_id)
    except NoCard:
        return htmx.redirect(".cards")
    forget_card(forgotten_id)
    return htmx.redirect(".cards", done="removed")


def _own(card_id: int) -> Any:  # noqa: ANN401 - a row of `payment_cards`
    asked = {"card_id": card_id, "user_id": policy.visitor().id}
    row = connection().execute(CARD_OF, asked).first()
    if row is None:
        abort(404)
    return row
