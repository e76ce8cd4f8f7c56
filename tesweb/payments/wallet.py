"""Cards that banks remember: a sealed token and what people know the card by, never more."""

import hashlib
import hmac
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.current import core
from tesweb.payments.protocol import SavedCard
from tesweb.payments.statements import CARD, KEEP_CARD
from tesweb.sealing import seal, unseal

_PURPOSE = "tokens of cards"


def keep(work: Connection, row: Any, card: SavedCard, moment: datetime) -> None:  # noqa: ANN401 - an order's row
    """Remember the card that paid an order; the same card again stays one."""
    if row.user_id is None or not card.token:
        return
    token_hash = _hash(card.token)
    values = {
        "user_id": row.user_id,
        "gateway": row.gateway,
        "token": seal(card.token, _PURPOSE, token_hash),
        "token_hash": token_hash,
        "brand": card.brand[:16],
        "last4": card.last4[-4:],
        "moment": moment,
    }
    work.execute(KEEP_CARD, values)


def opened(connection: Connection, order_id: int) -> SavedCard:
    """The card that an order is to be paid with, and its token.

    Raises LookupError where it was removed, its owner has locked the cabinet, or the autopay was
    switched off.
    """
    row = connection.execute(CARD, {"order_id": order_id}).first()
    if row is None:
        raise LookupError(order_id)
    return unsealed(row)


def unsealed(row: Any) -> SavedCard:  # noqa: ANN401 - a row of `payment_cards`
    """The card with its token."""
    return SavedCard(unseal(row.token, _PURPOSE, row.token_hash), row.brand, row.last4)


def token_of(row: Any) -> SavedCard:  # noqa: ANN401 - a row of `forgotten_cards`
    """The card by its token alone."""
    return SavedCard(unseal(row.token, _PURPOSE, row.token_hash), "", "")


def _hash(token: str) -> str:
    key = core().settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"card {token}".encode(), hashlib.sha256).hexdigest()
