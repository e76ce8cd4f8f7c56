"""The blueprint that the views of this room hang their routes on."""

from flask import Blueprint

blueprint = Blueprint("cashier", __name__, url_prefix="/operator/money")
