"""The blueprint that the views of this room hang their routes on."""

from flask import Blueprint

blueprint = Blueprint("profile", __name__, url_prefix="/profile")
