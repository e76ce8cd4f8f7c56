"""The fault panel: a page for people, JSON for tests."""

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from tesweb_sandbox_bank.api import refused
from tesweb_sandbox_bank.bank import bank
from tesweb_sandbox_bank.errors import ApiError
from tesweb_sandbox_bank.faults import ON, PARTIES, Kind, checked_seconds
from tesweb_sandbox_bank.models import Body
from tesweb_sandbox_bank.protection import check_form, check_program, go
from tesweb_sandbox_bank.reading import Part

blueprint = Blueprint("panel", __name__)
blueprint.register_error_handler(ApiError, refused)


@blueprint.get("/faults")
def show() -> Response:
    """What is switched on."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(_told())
    return _page()


@blueprint.post("/faults")
def switch() -> Response:
    """Switch one on or off, or move the clock."""
    if request.is_json:
        check_program()
        _act(Part(request.get_json()))
        return jsonify(_told())
    check_form()
    try:
        _act(Part({name: value for name, value in request.form.items() if value}))
    except ApiError as error:
        return _page(error)
    return go(url_for("panel.show"))


def _act(part: Part) -> None:
    if "clear" in part:
        bank().faults.clear()
    elif "remove" in part:
        bank().faults.remove(part.whole("remove", 1, 999_999))
    elif "forward" in part:
        bank().go_forward(checked_seconds(part, "forward"))
    else:
        bank().faults.add(part)


def _told() -> Body:
    return {"faults": bank().faults.told(), "now": bank().clock.stamp()}


def _page(error: ApiError | None = None) -> Response:
    text = render_template(
        "sandbox_bank/faults.html",
        faults=bank().faults.told(),
        kinds=list(Kind),
        places=ON,
        reasons=sorted(PARTIES),
        now=bank().clock.stamp(),
        error=error,
    )
    return Response(text, 422 if error else 200)
