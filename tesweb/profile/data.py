"""My data: a copy of it, consents, and the deletion of the cabinet."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Response, make_response, request, url_for
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.clock import local_day
from tesweb.current import connection, core
from tesweb.identity import limits, policy
from tesweb.identity.statements import Visitor
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.layout.languages import language_code
from tesweb.layout.shell import page_context
from tesweb.profile.consents import Reworded, give, withdraw
from tesweb.profile.erasure import erase
from tesweb.profile.forms import WordForm
from tesweb.profile.holdings import as_json, for_programs, gather
from tesweb.profile.paper import Paper
from tesweb.profile.plugged import tell
from tesweb.profile.routes import blueprint
from tesweb.profile.rules import PURPOSES, standings
from tesweb.profile.statements import CONSENTS
from tesweb.registration.rules import document

#: After which another file may be asked for though a server was killed while making the first.
_LONGEST = timedelta(minutes=2)


class Busy(Exception):
    """A file is being made for this person already."""


@blueprint.get("/data")
@policy.fresh
@policy.signed_in
def data() -> Response:
    """What one can do with what is held about one."""
    return _page()


@blueprint.post("/data/json")
@policy.fresh
@policy.signed_in
def json_file() -> Response:
    """Everything, for a machine."""
    return _file("json", "application/json")


@blueprint.post("/data/pdf")
@policy.fresh
@policy.signed_in
def pdf_file() -> Response:
    """Everything, for a person."""
    return _file("pdf", "application/pdf")


@blueprint.post("/data/consents")
@policy.fresh
@policy.signed_in
def withdraw_consent() -> Response:
    """Withdraw one; without that to personal data there is no cabinet, which is explained."""
    purpose = request.form.get("purpose", "")
    asked = document(purpose)
    if asked is not None and asked.is_required:
        return htmx.redirect("profile.goodbye")
    withdraw(policy.visitor(), purpose)
    return htmx.redirect("profile.data", done="withdrawn")


@blueprint.post("/data/consents/give")
@policy.fresh
@policy.signed_in
def give_consent() -> Response:
    """Consent to what one has read, also after having withdrawn it."""
    try:
        give(policy.visitor(), request.form.get("purpose", ""), request.form.get("version", ""))
    except Reworded:
        return _page(422, is_reworded=True)
    return htmx.redirect("profile.data", done="given")


@blueprint.get("/data/delete")
@policy.fresh
@policy.signed_in
def goodbye() -> Response:
    """What goes, what the law makes us keep, and a word to type."""
    return htmx.render("profile/delete.html", form=WordForm(), word=_("delete"))


@blueprint.post("/data/delete")
@policy.fresh
@policy.signed_in
def delete() -> Response:
    """Delete the cabinet."""
    form, word = WordForm(), _("delete")
    valid = form.validate_on_submit()
    if valid and form.word.data.strip().casefold() != word:
        form.word.errors = [_("Type the word “%(word)s” to delete the cabinet", word=word)]
        valid = False
    if not valid:
        return htmx.render("profile/delete.html", 422, form=form, word=word)
    erase(policy.visitor())
    response = htmx.leave(url_for("profile.deleted"))
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@blueprint.get("/deleted")
@policy.anyone
def deleted() -> Response:
    """The last word."""
    return htmx.render("profile/deleted.html")


def _page(status: int = 200, *, is_busy: bool = False, is_reworded: bool = False) -> Response:
    rows = connection().execute(CONSENTS, {"user_id": policy.visitor().id}).all()
    return htmx.render(
        "profile/data.html",
        status,
        consents=standings(rows),
        names=PURPOSES,
        day_of=date.fromisoformat,
        is_busy=is_busy,
        is_reworded=is_reworded,
        done=request.args.get("done", ""),
    )


def _file(kind: str, content_type: str) -> Response:
    person, now, zone = policy.visitor(), core().clock.now(), page_context()["region"].timezone
    try:
        with _one_at_a_time(person):
            body = _copy(kind, person.id, now, zone)
    except Busy:
        return _page(429, is_busy=True)
    with core().database.work() as work:
        journal.record(work, person.id, What.DATA_EXPORTED, kind=kind)
    response = make_response(body)
    response.content_type = content_type
    day = local_day(now, zone).isoformat()
    # Both names (RFC 6266): the first for whoever does not know the second.
    pretty = quote(f"{_('My data')} {day}.{kind}", safe="")
    names = f"filename=\"my-data-{day}.{kind}\"; filename*=UTF-8''{pretty}"
    response.headers["Content-Disposition"] = f"attachment; {names}"
    return response


def _copy(kind: str, user_id: int, now: datetime, zone: ZoneInfo) -> bytes:
    reader, plugins = connection(), core().plugins
    holdings = gather(reader, user_id)
    if kind == "json":
        told, missing = tell(reader, plugins, user_id, for_programs)
        return as_json(holdings, told, missing, now)
    paper = Paper(language_code(), zone)
    shaped, missing = tell(reader, plugins, user_id, paper.of_plugin)
    parts = [part for of_plugin in shaped.values() for part in of_plugin.values()]
    return paper.print(holdings, parts, missing, now)


@contextmanager
def _one_at_a_time(person: Visitor) -> Iterator[None]:
    """Nobody makes the server work on two files at once. Raises Busy."""
    key = f"export {person.id}"
    with core().database.work() as work:
        if limits.count(work, key, core().clock.now(), _LONGEST) > 1:
            raise Busy
    try:
        yield
    finally:
        with core().database.work() as work:
            limits.forget(work, key)
