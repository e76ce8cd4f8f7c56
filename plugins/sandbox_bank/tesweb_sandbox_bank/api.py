"""The REST API, version 3 of YooKassa's."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, request

from tesweb_sandbox_bank import answers, lists, services
from tesweb_sandbox_bank.bank import Bank, bank
from tesweb_sandbox_bank.errors import ApiError, Invalid, NotFound
from tesweb_sandbox_bank.misbehaviour import misbehaving
from tesweb_sandbox_bank.models import Body, Payment, Receipt, Refund
from tesweb_sandbox_bank.store import Work

blueprint = Blueprint("api", __name__, url_prefix="/v3")
_LONGEST_KEY = 64
_FIND_ANSWER = "SELECT digest, answer FROM answers WHERE key = ?"
_KEEP_ANSWER = "INSERT INTO answers VALUES (?, ?, ?, ?)"

T = TypeVar("T")
Do = Callable[[Bank, Work, Body], Body]


@blueprint.post("/payments")
def create_payment() -> Response:
    """Make a payment."""
    return _changed(lambda at, work, body: _payment(at, services.create(at, work, body)))


@blueprint.get("/payments")
def list_payments() -> Response:
    """Payments by time and state."""
    return _asked(lambda at, work, _: lists.payments(at, work, request.args))


@blueprint.get("/payments/<number>")
def get_payment(number: str) -> Response:
    """One payment."""
    return _asked(lambda at, work, _: _payment(at, services.payment(at, work, number)))


@blueprint.post("/payments/<number>/capture")
def capture_payment(number: str) -> Response:
    """Take a held sum."""
    return _changed(lambda at, work, body: _payment(at, services.capture(at, work, number, body)))


@blueprint.post("/payments/<number>/cancel")
def cancel_payment(number: str) -> Response:
    """Let a held sum go."""
    return _changed(lambda at, work, _: _payment(at, services.release(at, work, number)))


@blueprint.post("/refunds")
def create_refund() -> Response:
    """Give money back."""
    return _changed(lambda at, work, body: answers.refund(services.refund(at, work, body)))


@blueprint.get("/refunds")
def list_refunds() -> Response:
    """Refunds by payment, time and state."""
    return _asked(lambda at, work, _: lists.refunds(at, work, request.args))


@blueprint.get("/refunds/<number>")
def get_refund(number: str) -> Response:
    """One refund."""
    return _asked(lambda _at, work, _: answers.refund(_found(work.find(Refund, number), "Refund")))


@blueprint.post("/receipts")
def create_receipt() -> Response:
    """Make a receipt apart from its payment."""
    return _changed(lambda at, work, body: answers.receipt(services.receipt(at, work, body)))


@blueprint.get("/receipts")
def list_receipts() -> Response:
    """Receipts by payment or refund."""
    return _asked(lambda at, work, _: lists.receipts(at, work, request.args))


@blueprint.get("/receipts/<number>")
def get_receipt(number: str) -> Response:
    """One receipt."""
    return _asked(
        lambda _at, work, _: answers.receipt(_found(work.find(Receipt, number), "Receipt"))
    )


@blueprint.get("/me")
def get_me() -> Response:
    """The shop itself."""
    return _asked(lambda at, _work, _: answers.me(at.options))


@blueprint.errorhandler(ApiError)
def refused(error: ApiError) -> tuple[Body, int]:
    """A refusal in the API's form."""
    return error.body(), error.status


def check_shop() -> None:
    """Raises ApiError for whoever is not the shop."""
    options = bank().options
    given = request.headers.get("Authorization", "").partition(" ")[2]
    try:
        told = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        told = b""
    if not hmac.compare_digest(told, f"{options.shop_id}:{options.secret_key}".encode()):
        raise ApiError(401, "invalid_credentials", "Error in shopId or secret key")


def _asked(do: Do) -> Response:
    def answer() -> tuple[Body, int]:
        check_shop()
        with bank().store.work() as work:
            services.sweep(bank(), work)
            return do(bank(), work, {}), 200

    return misbehaving("read", _told(answer))


def _changed(do: Do) -> Response:
    def answer() -> tuple[Body, int]:
        check_shop()
        return _once(do, _key(), _body()), 200

    return misbehaving("write", _told(answer))


def _told(answer: Callable[[], tuple[Body, int]]) -> Callable[[], tuple[Body, int]]:
    """The same with refusals as answers: a fault of the panel may spoil those too."""

    def told() -> tuple[Body, int]:
        try:
            return answer()
        except ApiError as error:
            return error.body(), error.status

    return told


def _once(do: Do, key: str, body: Body) -> Body:
    """Do it, or give the answer that this key has had; a refusal leaves the key unused."""
    asked = json.dumps([request.path, body], sort_keys=True)
    digest = hashlib.sha256(asked.encode()).hexdigest()
    at = bank()
    with at.store.work() as work:
        row = work.connection.execute(_FIND_ANSWER, (key,)).fetchone()
        if row is not None:
            if row[0] != digest:
                raise Invalid("Idempotence-Key", "The key was used for another request")
            kept: Body = json.loads(row[1])
            return kept
        told = do(at, work, body)
        work.connection.execute(_KEEP_ANSWER, (key, digest, json.dumps(told), at.clock.stamp()))
        return told


def _key() -> str:
    key = request.headers.get("Idempotence-Key", "")
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise Invalid("Idempotence-Key", f"The header is needed, {_LONGEST_KEY} characters at most")
    return key


def _body() -> Body:
    if not request.get_data():
        return {}
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ApiError(400, "invalid_request", "The body must be a JSON object")
    return found


def _payment(at: Bank, made: Payment) -> Body:
    return answers.payment(at.options, made)


def _found(thing: T | None, name: str) -> T:
    if thing is None:
        raise NotFound(f"{name} doesn't exist", f"{name.lower()}_id")
    return thing
