"""Does to an answer what the fault panel asks for."""

import json
import random
import time
from collections.abc import Callable

from flask import Response, request

from tesweb_sandbox_bank.bank import bank
from tesweb_sandbox_bank.errors import ApiError
from tesweb_sandbox_bank.faults import OF_REQUESTS, Fault, Kind
from tesweb_sandbox_bank.models import Body

#: In the request's environment: ends the connection without a word.
HANG_UP = "sandbox_bank.hang_up"
_BROKEN = ApiError(500, "internal_server_error", "Something went wrong")
_GARBAGE: tuple[Callable[[str], str], ...] = (
    lambda _: "<html><body><h1>502 Bad Gateway</h1></body></html>",
    lambda good: good[: len(good) // 2],
    lambda _: "[]",
    lambda _: "",
    lambda good: good.replace('"status"', '"sta us"'),
)


def misbehaving(on: str, answer: Callable[[], tuple[Body, int]]) -> Response:
    """The answer of a request that asks or changes (`on`), spoiled by whatever is switched on."""
    faults = {fault.fault: fault for fault in bank().faults.take(OF_REQUESTS, on)}
    if faults.keys() & {Kind.DROP, Kind.DOWN}:
        return hang_up()
    if Kind.ERROR in faults:
        return _json(_BROKEN.body(), 500)
    body, status = answer()
    return _spoiled(faults, body, status)


def hang_up() -> Response:
    """End the connection; the answer that is given back goes nowhere."""
    end = request.environ.get(HANG_UP)
    if end is not None:
        end()
    return Response(status=500)


def _spoiled(faults: dict[Kind, Fault], body: Body, status: int) -> Response:
    if Kind.DELAY in faults:
        time.sleep(faults[Kind.DELAY].seconds)
    if Kind.DROP_AFTER in faults:
        return hang_up()
    if Kind.ERROR_AFTER in faults:
        return _json(_BROKEN.body(), 500)
    if Kind.GARBAGE in faults:
        spoil = random.choice(_GARBAGE)  # noqa: S311 - chance, no secret
        return Response(spoil(json.dumps(body)), 200, content_type="application/json")
    return _json(body, status)


def _json(body: Body, status: int) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, content_type="application/json; charset=utf-8")
