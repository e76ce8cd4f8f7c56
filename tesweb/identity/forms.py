"""What people fill in about themselves."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from tesweb.identity.passwords import LONGEST


class LoginForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """Login and password."""

    login = StringField(
        _l("Login"),
        [
            InputRequired(_l("Type your login")),
            Length(max=128, message=_l("A login is not longer than 128 characters")),
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
