"""The blueprint that the views of this room hang their routes on."""

from flask import Blueprint, Response, request

from tesweb import htmx

blueprint = Blueprint("profile", __name__, url_prefix="/profile")


def arrived(response: Response) -> Response:
    """A page that a form leads to: let the address bar show it, also where htmx swapped it in."""
    if not htmx.is_fragment():
        return response
    return htmx.push(response, request.full_path.rstrip("?"))
