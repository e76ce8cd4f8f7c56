"""What people fill in about their further proofs."""

import unicodedata

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

#: `passkeys.name` holds no more.
LONGEST_NAME = 64


def plain(text: str | None) -> str:
    """A name on one line: control characters dropped, gaps made one space."""
    shown = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text or "")
    return " ".join(shown.split())


class CodeForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A code of an app, or one on paper."""

    code = StringField(
        _l("Code"),
        [InputRequired(_l("Type the code")), Length(max=64, message=_l("Type the code"))],
    )
    paper = HiddenField()


class NameForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """What somebody calls a passkey."""

    name = StringField(
        _l("Name"),
        [
            InputRequired(_l("Type a name, for example “My phone”")),
            Length(max=LONGEST_NAME, message=_l("A name is not longer than 64 characters")),
        ],
        filters=[plain],
    )
