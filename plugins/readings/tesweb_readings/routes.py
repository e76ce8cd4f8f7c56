"""The blueprint that the views of this plugin hang their routes on."""

from flask import Blueprint

blueprint = Blueprint("readings", __name__, template_folder="templates")
