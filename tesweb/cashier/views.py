"""The cashier's desk: what waits, and the bank's register beside our books."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.cashier import credit_views, desk_views, story_views
from tesweb.cashier.acts import how_many, read_register
from tesweb.cashier.forms import day_of
from tesweb.cashier.routes import blueprint
from tesweb.cashier.rules import sums_of
from tesweb.cashier.services import (
    NoSuchGateway,
    NotYet,
    reconcile,
    with_register,
    yesterday,
)
from tesweb.cashier.statements import COUNTS, LAST_READ
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.payments.effects import channel_of
from tesweb.payments.gateways import CannotDo
from tesweb.payments.protocol import GatewayError

#: Modules whose routes hang on the blueprint once they are imported.
__all__ = ["blueprint", "credit_views", "desk_views", "story_views"]


@blueprint.get("")
@policy.operator
def home() -> Response:
    """How much waits for somebody."""
    return htmx.render(
        "cashier/home.html",
        counts=connection().execute(COUNTS).one(),
        suspended=how_many(connection()),
        typed="",
        problem=None,
        regions=list(core().regions.values()),
        usual=core().default_region.name,
    )


@blueprint.get("/reconcile")
@policy.operator
def registers() -> Response:
    """A day of a gateway: the three lists, the sums, and what to do."""
    return _register_page({})


@blueprint.post("/reconcile/read")
@policy.operator
def ask_register() -> Response:
    """Ask the bank for the day's register and read it in."""
    gateway, day = request.form.get("gateway", "")[:32], day_of(request.form.get("day", ""))
    if day is None:
        return _register_page({"day": _("Choose a day")}, 422)
    try:
        read = read_register(policy.visitor().id, gateway, day)
    except NotYet:
        return _register_page({"day": _("That day has not come yet")}, 422)
    except (NoSuchGateway, CannotDo):
        without = _("This bank gives no register by itself: read it from a file, tesweb reconcile")
        return _register_page({"gateway": without}, 422)
    except GatewayError:
        silent = _(
            "The bank does not answer now, or its register cannot be right. Nothing has changed; "
            "try again in some minutes."
        )
        return _register_page({"gateway": silent}, 422)
    known = {"gateway": gateway, "day": day.isoformat(), "new": read.new, "behind": read.behind}
    return htmx.redirect("cashier.registers", **known)


def _register_page(errors: dict[str, str], status: int = 200) -> Response:
    asked = request.form if request.method == "POST" else request.args
    names = sorted(core().gateways)
    usual = (with_register() or names or [""])[0]
    gateway = asked.get("gateway", "")[:32] or usual
    text = asked.get("day", "")[:10]
    day = day_of(text) if text else yesterday()
    if day is None and not errors:
        errors, status = {"day": _("Choose a day")}, 422
    context: dict[str, Any] = {"found": None, "read_at": None}
    if day is not None and gateway:
        found = reconcile(gateway, day)
        about = {"gateway": gateway, "day": day}
        read_at = connection().execute(LAST_READ, about).scalar()
        context = {"found": found, "sums": sums_of(found.lines), "read_at": read_at}
    return htmx.render(
        "cashier/registers.html",
        status,
        errors=errors,
        gateway=gateway,
        gateways={name: channel_of(name) for name in sorted({*names, gateway} - {""})},
        by_itself=gateway in with_register(),
        day=day,
        text=text or (day.isoformat() if day else ""),
        new=request.args.get("new", type=int),
        behind=request.args.get("behind", type=int),
        **context,
    )
