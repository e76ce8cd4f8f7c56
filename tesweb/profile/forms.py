"""What people fill in about themselves."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from tesweb.identity.contacts import canonical_email
from tesweb.identity.passwords import LONGEST, canonical_phone


def an_email(form: Form, field: StringField) -> None:
    """It is an address; `data` becomes the one that is stored. Raises ValidationError."""
    del form
    address = canonical_email(field.data)
    if address is None:
        raise ValidationError(_l("Check the address: it looks like ivanova@mail.ru"))
    field.data = address


def a_phone(form: Form, field: StringField) -> None:
    """It is a Russian number; `data` becomes the one that is stored. Raises ValidationError."""
    del form
    number = canonical_phone(field.data)
    if number is None or not number.startswith("+79"):
        raise ValidationError(_l("Check the number: of a mobile phone, +7 9… and nine digits more"))
    field.data = number


class EmailForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A new address."""

    email = StringField(
        _l("New e-mail"),
        [InputRequired(_l("Type the address")), Length(max=254), an_email],
    )


class PhoneForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A new number."""

    phone = StringField(_l("New phone number"), [InputRequired(_l("Type the number")), a_phone])


class CodeForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The code of a text message."""

    code = StringField(_l("Code from the message"), [InputRequired(_l("Type the code"))])


class PasswordForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A new password."""

    password = PasswordField(
        _l("New password"),
        [
            InputRequired(_l("Type a new password")),
            Length(max=LONGEST, message=_l("A password is not longer than 128 characters")),
        ],
    )


class WordForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A word that nobody types by mistake."""

    word = StringField(_l("Confirmation"), [InputRequired(_l("Type the word"))])
