"""The blueprint that the views of this room hang their routes on."""

from flask import Blueprint

blueprint = Blueprint("operator", __name__, url_prefix="/operator")
