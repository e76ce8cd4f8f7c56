"""The blueprint that the views of this plugin hang their routes on."""

from flask import Blueprint

#: A number of a receipt or a request; beyond it a database knows none.
NUMBER = f"int(max={2**63 - 1})"

blueprint = Blueprint("readings", __name__, template_folder="templates")
