"""What people fill in who cannot come in."""

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from tesweb.accounts.forms import ProofForm
from tesweb.identity.contacts import canonical_email
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


class OfficeForm(NewPasswordForm):
    """A new password, and the code that the office gave out."""

    key = StringField(
        _l("Code from our office"),
        [
            InputRequired(_l("Type the 20 digits that our office gave you.")),
            Length(max=40, message=_l("The code has 20 digits. Compare it with the paper.")),
        ],
    )

    @property
    def problems(self) -> Iterator[tuple[str, str]]:
        """Each field that is wrong with its sentence, for the summary."""
        fields = (self.key, self.password)
        return ((field.id, field.errors[0]) for field in fields if field.errors)


class AccessForm(ProofForm):
    """Whose cabinet it is, the proof of an account in it, and the new address."""

    login = StringField(
        _l("Login, e-mail or phone"),
        [
            InputRequired(_l("Type your login, e-mail or phone")),
            Length(max=254, message=_l("A login is not longer than 128 characters")),
            printable,
        ],
    )
    email = StringField(_l("New e-mail"), [InputRequired(_l("Type the address"))])

    def validate_email(self, field: StringField) -> None:
        """It is an address; `data` becomes the one that is stored. Raises ValidationError."""
        address = canonical_email(field.data or "")
        if address is None:
            raise ValidationError(_l("Check the address: it looks like ivanova@mail.ru"))
        field.data = address

    @property
    def problems(self) -> Iterator[tuple[str, str]]:
        """Each field that is wrong with its sentence, for the summary."""
        fields = (self.login, self.number, *self.asked, self.email)
        return ((field.id, field.errors[0]) for field in fields if field.errors)
