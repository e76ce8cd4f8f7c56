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
#: As many banks are asked at a time from the pages of one process.
_MOST = 8
_KEY = "tesweb_errands"


def install(app: Flask) -> None:
    """Give the application its threads; they start with the first errand."""
    app.extensions[_KEY] = ThreadPoolExecutor(_MOST, thread_name_prefix="tesweb bank")


def advance(order_id: int, *, hurry: bool = False) -> State:
    """Move the order on, as `engine.advance`, and wait a little; the state known by then.

    What comes later is written down all the same.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way
    pool = cast("ThreadPoolExecutor", app.extensions[_KEY])
    errand = pool.submit(_run, app, order_id, hurry)
    try:
        return errand.result(PATIENCE)
    except TooLong:
        return engine.state_of(order_id)


def forget_card(forgotten_id: int) -> None:
    """Let a removed card's bank forget it too; where it is silent, the clock asks it again."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way
    pool = cast("ThreadPoolExecutor", app.extensions[_KEY])
    with suppress(TooLong):
        pool.submit(_forget, app, forgotten_id).result(PATIENCE)


def _forget(app: Flask, forgotten_id: int) -> None:
    with app.app_context():
        oblivion.forget(forgotten_id)


def _run(app: Flask, order_id: int, hurry: bool) -> State:  # noqa: FBT001 - a thread's argument
    with app.app_context():
        return engine.advance(order_id, hurry=hurry)
