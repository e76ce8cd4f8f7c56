"""The room's routes hang on this: `views` has the pages, `answers` what the script asks."""

from flask import Blueprint

blueprint = Blueprint("factors", __name__)
