"""What people fill in about themselves."""

import unicodedata

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from tesweb.identity.passwords import LONGEST, canonical_login


def no_control_characters(form: Form, field: StringField) -> None:
    """Nobody's login has them, and PostgreSQL refuses to look for one. Raises ValidationError."""
    del form
    if any(unicodedata.category(sign) == "Cc" for sign in canonical_login(field.data)):
        raise ValidationError(_l("The login or the password is wrong. Check both and try again."))


class LoginForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """Login and password."""

    login = StringField(
        _l("Login"),
        [
            InputRequired(_l("Type your login, e-mail or phone")),
            Length(max=128, message=_l("A login is not longer than 128 characters")),
            no_control_characters,
        ],
    )
    password = PasswordField(
        _l("Password"),
        [
            InputRequired(_l("Type your password")),
            Length(max=LONGEST, message=_l("A password is not longer than 128 characters")),
        ],
    )
    next = HiddenField()


class ConfirmForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The password once more."""

    password = PasswordField(
        _l("Password"),
        [
            InputRequired(_l("Type your password")),
            Length(max=LONGEST, message=_l("A password is not longer than 128 characters")),
        ],
    )
    next = HiddenField()
