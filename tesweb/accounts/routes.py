"""The room's routes hang on this: a person's accounts, an account's people."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
