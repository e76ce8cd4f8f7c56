"""The back office: cabinets that their owners have locked."""

from flask import Response, abort

from tesweb import htmx
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.operator import cabinet_views, people_views
from tesweb.operator.routes import blueprint
from tesweb.operator.services import begin_look, cabinets, is_looking, note_control
from tesweb.operator.statements import COUNTS

__all__ = ["blueprint", "cabinet_views", "people_views"]

#: What an operator looks at here.
_LIST = "locked cabinets"


@blueprint.get("")
@policy.operator
def home() -> Response:
    """How many there are; the list itself once the look at it has been written down."""
    looking = is_looking(policy.visitor().id, _LIST)
    return htmx.render(
        "operator/home.html",
        counts=connection().execute(COUNTS).one(),
        cabinets=cabinets() if looking else None,
        region_of=core().region,
        regions=list(core().regions.values()),
        usual=core().default_region.name,
    )


@blueprint.post("/look")
@policy.operator
def look() -> Response:
    """Show the list, and write down who saw it."""
    begin_look(policy.visitor().id, _LIST, {})
    return htmx.redirect("operator.home")


@blueprint.post("/control/<int(max=9007199254740991):number>")
@policy.operator
def control(number: int) -> Response:
    """A commission has been there and has read the meter."""
    try:
        note_control(policy.visitor().id, number)
    except LookupError:
        abort(404)
    return htmx.redirect("operator.home")
