"""What people fill in who cannot come in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from tesweb.identity.passwords import LONGEST


def printable(form: Form, field: StringField) -> None:
    """PostgreSQL refuses control characters, which nobody's login has. Raises ValidationError."""
    del form
    if not (field.data or "").strip().isprintable():
        raise ValidationError(_l("Type your login, e-mail or phone"))


class NameForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """Whose password was forgotten."""

    login = StringField(
        _l("Login, e-mail or phone"),
        [
            InputRequired(_l("Type your login, e-mail or phone")),
            Length(max=254, message=_l("A login is not longer than 128 characters")),
            printable,
        ],
    )


class NewPasswordForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A new password, and the secret of the letter."""

    key = HiddenField()
    password = PasswordField(
        _l("New password"),
        [
            InputRequired(_l("Type a new password")),
            Length(max=LONGEST, message=_l("A password is not longer than 128 characters")),
        ],
    )
