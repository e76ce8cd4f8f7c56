"""Asking a bank from a page: in another thread, so that a slow bank keeps nobody else waiting."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from contextlib import suppress
from typing import cast

from flask import Flask, current_app

from tesweb.payments import engine, oblivion
from tesweb.payments.models import State

#: How long a page waits for a bank, in seconds; afterwards it shows what is known so far.
PATIENCE = 2.5
#: As many questions go to one bank at a time from the pages of one process.
_MOST = 8
_KEY = "tesweb_errands"
#: The threads in which banks are asked to forget cards; no gateway has a name like this.
_CARDS = "removed cards"


def install(app: Flask) -> None:
    """Make room for the threads of each bank; they start with its first errand."""
    app.extensions[_KEY] = {}


def _pool(app: Flask, gateway: str) -> ThreadPoolExecutor:
    """The threads of one bank: where it hangs, the payers of the others go on."""
    pools = cast("dict[str, ThreadPoolExecutor]", app.extensions[_KEY])
    known = pools.get(gateway)
    return known or pools.setdefault(gateway, ThreadPoolExecutor(_MOST, f"tesweb {gateway}"))


def advance(gateway: str, order_id: int, *, hurry: bool = False) -> State:
    """Move the order on, as `engine.advance`, and wait a little; the state known by then.

    What comes later is written down all the same.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way
    errand = _pool(app, gateway).submit(_run, app, order_id, hurry)
    try:
        return errand.result(PATIENCE)
    except TooLong:
        return engine.state_of(order_id)


def forget_card(forgotten_id: int) -> None:
    """Let a removed card's bank forget it too; where it is silent, the clock asks it again."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way
    with suppress(TooLong):
        _pool(app, _CARDS).submit(_forget, app, forgotten_id).result(PATIENCE)


def _forget(app: Flask, forgotten_id: int) -> None:
    with app.app_context():
        oblivion.forget(forgotten_id)


def _run(app: Flask, order_id: int, hurry: bool) -> State:  # noqa: FBT001 - a thread's argument
    with app.app_context():
        return engine.advance(order_id, hurry=hurry)
