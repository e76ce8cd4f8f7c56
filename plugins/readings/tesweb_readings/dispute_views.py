"""When the rules refuse what a meter shows: a request with a photo, and its answer."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from flask import Response, abort, make_response, request

from tesweb.api import LinkedAccount, Role, connection, core, policy, redirect, render
from tesweb_readings.desk import Desk, names_of, open_desk
from tesweb_readings.forms import (
    Filled,
    new_key,
    read_comment,
    read_key,
    read_table,
    read_texts,
)
from tesweb_readings.photos import BadPhoto, clean
from tesweb_readings.routes import NUMBER, blueprint
from tesweb_readings.rows import dispute_rows, errors_of, field_rows
from tesweb_readings.services import Request, TooMany, ask
from tesweb_readings.statements import ALL_REGISTERS, DISPUTE, DISPUTE_VALUES, PHOTO
from tesweb_readings.wording import COMMENT_FAULT, PHOTO_FAULTS, STATES, moment

_LONGEST_COMMENT = 1000


@blueprint.get("/<int:account_id>/dispute")
@policy.member(Role.PAYER)
def dispute(account: LinkedAccount) -> Response:
    """The form; what was typed before comes along in the address."""
    desk = open_desk(account)
    return _form(desk, read_texts(request.args, desk.standing))


@blueprint.post("/<int:account_id>/dispute")
@policy.member(Role.PAYER)
def send_dispute(account: LinkedAccount) -> Response:
    """Keep the request and show its number."""
    desk = open_desk(account)
    filled = read_table(request.form, desk.standing)
    comment = read_comment(request.form)
    photo, faults = _photo()
    if len(comment) > _LONGEST_COMMENT:
        faults["comment"] = str(COMMENT_FAULT)
    if filled.errors or faults or not desk.standing.dials:
        return _form(desk, filled, comment, faults, status=422)
    key, user_id = read_key(request.form), policy.visitor().id
    try:
        number = ask(Request(account.id, user_id, key, filled.values, comment, photo), desk.region)
    except TooMany:
        return _form(desk, filled, comment, is_full=True, status=422)
    except LookupError:
        abort(404)
    return redirect(".asked", account_id=account.id, dispute_id=number)


@blueprint.get(f"/<int:account_id>/disputes/<{NUMBER}:dispute_id>")
@policy.member(Role.READER)
def asked(account: LinkedAccount, dispute_id: int) -> Response:
    """The request, what happens next, and the answer once there is one."""
    of_request = {"account_id": account.id, "id": dispute_id}
    found = connection().execute(DISPUTE, of_request).first()
    if found is None:
        abort(404)
    names = names_of(connection().execute(ALL_REGISTERS, {"account_id": account.id}).all())
    values = connection().execute(DISPUTE_VALUES, of_request).all()
    return render(
        "readings/asked.html",
        dispute=found,
        state=STATES[found.answer],
        rows=dispute_rows(values, names),
        moment=partial(moment, region=core().region(account.region)),
    )


@blueprint.get(f"/<int:account_id>/disputes/<{NUMBER}:dispute_id>/photo")
@policy.member(Role.READER)
def photo(account: LinkedAccount, dispute_id: int) -> Response:
    """The picture of a request, for members of the account only."""
    asked_for = {"account_id": account.id, "id": dispute_id}
    content = connection().execute(PHOTO, asked_for).scalar()
    if content is None:
        abort(404)
    response = make_response(bytes(content))
    response.mimetype = "image/jpeg"
    response.headers["Content-Disposition"] = f"inline; filename=meter-{dispute_id}.jpg"
    return response


def _form(  # noqa: PLR0913 - what may be wrong with a form
    desk: Desk,
    filled: Filled,
    comment: str = "",
    faults: Mapping[str, str] = MappingProxyType({}),
    *,
    is_full: bool = False,
    status: int = 200,
) -> Response:
    rows = field_rows(desk, filled)
    return render(
        "readings/dispute.html",
        status,
        desk=desk,
        rows=rows,
        errors=[*errors_of(rows), *faults.items()],
        comment=comment,
        faults=faults,
        is_full=is_full,
        key=read_key(request.form) if request.form else new_key(),
    )


def _photo() -> tuple[bytes | None, dict[str, str]]:
    """The picture that came along, made our own, or what is wrong with it."""
    sent = request.files.get("photo")
    if sent is None or not sent.filename:
        return None, {}
    try:
        return clean(sent.read()), {}
    except BadPhoto as error:
        return None, {"photo": str(PHOTO_FAULTS[error.code])}
