"""The catalog with types: Flask-Babel has none."""

from flask_babel import gettext as looked_up


def gettext(text: str, **values: object) -> str:
    """The text in the page's language."""
    return str(looked_up(text, **values))
