"""A card that was removed here is forgotten at its bank too, which may be silent for a while."""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.current import core
from tesweb.payments import wallet
from tesweb.payments.card_statements import (
    ASK_LATER,
    DELETE_FORGOTTEN,
    DUE_FORGOTTEN,
    FORGOTTEN,
    INSERT_FORGOTTEN,
)
from tesweb.payments.gateways import CannotDo
from tesweb.payments.protocol import GatewayError
from tesweb.payments.rules import PATIENCE, pause_after

log = logging.getLogger(__name__)
#: As many are taken at a time.
_MOST = 50


def put_aside(work: Connection, card: Any, moment: datetime) -> int:  # noqa: ANN401 - a row of `payment_cards`
    """Keep a removed card's sealed token, without its owner, until its bank has forgotten it."""
    values = {name: getattr(card, name) for name in ("gateway", "token", "token_hash")}
    values |= {"ask_at": moment + pause_after(0), "looks": 0}
    return int(work.execute(INSERT_FORGOTTEN, values).scalar_one())


def forget(forgotten_id: int) -> None:
    """Ask the bank to forget the card; where it is silent, again later, for a week."""
    with core().database.read() as reader:
        row = reader.execute(FORGOTTEN, {"which": forgotten_id}).first()
    if row is None:
        return
    teller = core().gateways.get(row.gateway)
    try:
        if teller is not None and not row.is_saved_again:
            teller.forget(wallet.token_of(row))
    except CannotDo:
        log.warning("%s cannot be asked to forget a removed card", row.gateway)
    except GatewayError as error:
        if _put_off(row):
            return
        log.error("a removed card is still known to its bank: %s", error)  # noqa: TRY400 - the text says all
    with core().database.work() as work:
        work.execute(DELETE_FORGOTTEN, {"which": row.id})


def sweep() -> int:
    """Ask about each card that is due; how many."""
    values = {"moment": core().clock.now(), "most": _MOST}
    with core().database.read() as reader:
        due = [row.id for row in reader.execute(DUE_FORGOTTEN, values)]
    for forgotten_id in due:
        forget(forgotten_id)
    return len(due)


def _put_off(row: Any) -> bool:  # noqa: ANN401 - a row of FORGOTTEN
    """Whether it is asked again."""
    if row.looks + 1 >= PATIENCE:
        return False
    at = core().clock.now() + pause_after(row.looks)
    with core().database.work() as work:
        work.execute(ASK_LATER, {"which": row.id, "at": at})
    return True
