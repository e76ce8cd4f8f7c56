"""The blueprint that the views hang on."""

from flask import Blueprint

blueprint = Blueprint("autopay", __name__, url_prefix="/pay")
