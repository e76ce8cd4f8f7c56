"""Locking the cabinet: from within, by the link of a message, and what is said afterwards."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request, url_for

from tesweb import htmx
from tesweb.current import connection, core
from tesweb.freeze import unlock_views
from tesweb.freeze.forms import Filled, SignIn, read_wish
from tesweb.freeze.routes import blueprint
from tesweb.freeze.services import (
    NotAside,
    NotLocked,
    Request,
    lock_by_link,
    lock_own,
    owner_of_link,
    release_own,
    request_of,
)
from tesweb.freeze.statements import ASIDE, REGION_OF_USER, SIGN_INS
from tesweb.identity import challenges, policy
from tesweb.identity.challenges import Purpose, Refused
from tesweb.identity.devices import network_in_words
from tesweb.meters.services import MonthClosed

__all__ = ["blueprint", "unlock_views"]

#: Sign-ins of this time are shown to choose from.
_RECENT = timedelta(days=30)


@blueprint.get("/profile/freeze")
@policy.signed_in
def start() -> Response:
    """What locking means, and one button."""
    return _start(Filled())


@blueprint.post("/profile/freeze")
@policy.signed_in
def lock() -> Response:
    """Lock it: no proof is asked for, as whoever is in may always shut the door."""
    person = policy.visitor()
    filled = _read(person.id, sign_ins=_sign_ins(person.id))
    if filled.errors:
        return _start(filled, 422)
    lock_own(person.id, filled.wish)
    return htmx.leave(url_for("freeze.locked"))


@blueprint.get("/freeze")
@policy.anyone
def by_link() -> Response:
    """The page of the link in each security message; a mail scanner that opens it locks nothing."""
    key = request.args.get("key", "")
    try:
        owner_of_link(key)
    except Refused:
        return htmx.render("freeze/old_link.html", 404)
    return htmx.render("freeze/by_link.html", key=key, filled=Filled(), sign_ins=[])


@blueprint.post("/freeze")
@policy.anyone
def lock_linked() -> Response:
    """Lock the cabinet that the message was about."""
    key = request.form.get("key", "")
    try:
        filled = _read(owner_of_link(key), sign_ins=[])
        if filled.errors:
            return htmx.render("freeze/by_link.html", 422, key=key, filled=filled, sign_ins=[])
        lock_by_link(key, filled.wish)
    except Refused:
        return htmx.render("freeze/old_link.html", 404)
    return htmx.leave(url_for("freeze.done"))


@blueprint.get("/freeze/done")
@policy.anyone
def done() -> Response:
    """The number of the request, for the browser that locked a cabinet by a link."""
    with core().database.work() as work:
        try:
            told = challenges.of_browser(work, Purpose.FREEZE_DONE).payload
        except Refused:
            return htmx.leave(url_for("identity.login"))
    at = datetime.fromisoformat(told["at"])
    return htmx.render("freeze/done.html", number=told["number"], at=at)


@blueprint.get("/locked")
@policy.while_locked
def locked() -> Response:
    """The one page that a locked cabinet has, with the way out."""
    found = _request()
    if found is None:
        return htmx.leave(url_for("dashboard.home"))
    return htmx.render("freeze/locked.html", request=found)


@blueprint.get("/profile/freeze/readings")
@policy.signed_in
def readings() -> Response:
    """What was put aside and waits for the owner's word."""
    return _readings()


@blueprint.post("/profile/freeze/readings/<int(max=9007199254740991):receipt_id>")
@policy.signed_in
def release(receipt_id: int) -> Response:
    """«It is mine»: the readings of a receipt count again."""
    try:
        release_own(policy.visitor().id, receipt_id)
    except NotAside:
        return htmx.redirect("freeze.readings")
    except MonthClosed:
        return _readings(422, closed=receipt_id)
    return htmx.redirect("freeze.readings", done=receipt_id)


def _readings(status: int = 200, closed: int | None = None) -> Response:
    rows = connection().execute(ASIDE, {"user_id": policy.visitor().id}).all()
    receipts: dict[int, list[object]] = {}
    for row in rows:
        receipts.setdefault(row.id, []).append(row)
    return htmx.render(
        "freeze/readings.html",
        status,
        receipts=receipts,
        region_of=core().region,
        closed=closed,
        done=request.args.get("done", type=int),
        opened="opened" in request.args,
    )


def _start(filled: Filled, status: int = 200) -> Response:
    sign_ins = _sign_ins(policy.visitor().id)
    return htmx.render("freeze/start.html", status, filled=filled, sign_ins=sign_ins)


def _read(user_id: int, sign_ins: list[SignIn]) -> Filled:
    return read_wish(request.form, sign_ins, _zone_of(user_id), core().clock.now())


def _sign_ins(user_id: int) -> list[SignIn]:
    asked = {"user_id": user_id, "since": core().clock.now() - _RECENT}
    return [
        SignIn(row.id, row.happened_at, row.device, network_in_words(row.network))
        for row in connection().execute(SIGN_INS, asked)
    ]


def _zone_of(user_id: int) -> ZoneInfo:
    name = connection().execute(REGION_OF_USER, {"user_id": user_id}).scalar()
    return (core().region(name) if name else core().default_region).timezone


def _request() -> Request | None:
    try:
        return request_of(connection(), policy.visitor().id)
    except NotLocked:
        return None
