"""What people fill in to become a user."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from tesweb.current import core
from tesweb.identity.contacts import canonical_email
from tesweb.identity.passwords import canonical_phone
from tesweb.identity.rules import check_new_password
from tesweb.layout.languages import language_code
from tesweb.registration.rules import DOCUMENTS, Way, is_login

LOGIN_TAKEN = _l("Somebody has this login already. Add a number or take another word.")
_NOT_SO_LONG = Length(max=256, message=_l("It is too long. Look at it once more."))


def check_login(form: Any, field: Field) -> None:  # noqa: ANN401 - a form of this module
    """Raises ValidationError for what cannot be a login."""
    del form
    if not is_login(field.data or ""):
        raise ValidationError(
            _l("A login has 3 to 64 letters, digits, dots and dashes, and is no phone number.")
        )


def canonical(way: Way, text: str) -> str | None:
    """The address or the number as it is stored; None for what is none."""
    if way is Way.EMAIL:
        return canonical_email(text)
    number = canonical_phone(text)
    # Text messages reach mobile phones only, and those begin with a nine.
    return number if number and number.startswith("+79") else None


class AddressForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """Where the letter or the code goes."""

    address = StringField("", [_NOT_SO_LONG])

    def __init__(self, way: Way, **kwargs: Any) -> None:  # noqa: ANN401 - the library's
        """Ask for an e-mail address or for a number."""
        super().__init__(**kwargs)
        self.way = way

    def validate_address(self, field: Field) -> None:
        """Raises ValidationError for what is no address."""
        if canonical(self.way, field.data or "") is None:
            raise ValidationError(_WRONG[self.way])


_WRONG = {
    Way.EMAIL: _l("Type your e-mail in full, for example ivanova@mail.ru."),
    Way.PHONE: _l("Type a Russian mobile number, for example +7 912 345-67-89."),
}


class PersonForm(AddressForm):
    """Who somebody wants to be here, and where they live."""

    login = StringField(_l("Login"), [InputRequired(_l("Think of a login")), check_login])
    password = PasswordField(_l("Password"), [InputRequired(_l("Think of a password"))])
    place = SelectField(_l("Where you live"), validate_choice=False)

    def __init__(self, way: Way, **kwargs: Any) -> None:  # noqa: ANN401 - the library's
        """Offer the places of every region."""
        super().__init__(way, **kwargs)
        self.place.choices = places()

    @property
    def region(self) -> str:
        """The name of the region that serves the chosen place."""
        return str(self.place.data).partition(" ")[0]

    @property
    def city(self) -> str:
        """The chosen place in the region's own words; empty where it is not in the list."""
        return str(self.place.data).partition(" ")[2]

    def validate_place(self, field: Field) -> None:
        """Raises ValidationError where nothing of the list was chosen."""
        if field.data not in {value for value, _ in field.choices if value}:
            raise ValidationError(_l("Choose the place of your home, or the line with another."))

    def validate_password(self, field: Field) -> None:
        """Raises ValidationError with the reason for which it cannot be taken."""
        reason = check_new_password(field.data or "", self._own_words())
        if reason is not None:
            raise ValidationError(reason)

    def _own_words(self) -> list[str]:
        words = [self.login.data or "", (self.address.data or "").partition("@")[0], self.city]
        region = core().regions.get(self.region)
        titles = [region.title(code) for code in ("ru", "en")] if region else []
        return [*words, *titles]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Each field that is wrong with its sentence, in the page's order."""
        fields = (self.login, self.password, self.address, self.place)
        return [(field.id, field.errors[0]) for field in fields if field.errors]


class ConsentsForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """One line to tick for each document, none of them ticked."""

    personal_data = BooleanField()

    @property
    def given(self) -> tuple[str, ...]:
        """The purposes that were ticked."""
        return tuple(each.purpose for each in DOCUMENTS if self[each.purpose].data)

    def validate_personal_data(self, field: Field) -> None:
        """Raises ValidationError: without this one we may not even keep the login."""
        if not field.data:
            raise ValidationError(
                _l("Without this consent we may not keep your data, so there can be no cabinet.")
            )


class CodeForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The code of a text message; spaces and dashes are dropped."""

    code = StringField(_l("Code from the message"), [_NOT_SO_LONG])
    #: In place of one that somebody has taken since.
    login = StringField(_l("Login"), [_NOT_SO_LONG])

    @property
    def digits(self) -> str:
        """The digits that were typed."""
        return "".join(sign for sign in self.code.data or "" if sign.isdecimal())


class ActivateForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The button of a letter's page; the password where another browser opens the link."""

    key = HiddenField()
    password = PasswordField(_l("Password"), [Length(max=1024)])
    login = StringField(_l("Login"), [_NOT_SO_LONG])


def places() -> list[tuple[str, str]]:
    """Every place of every region, and a line for the places that no list has."""
    code = language_code()
    found = [("", str(_l("Choose from the list")))]
    for region in core().regions.values():
        cities = zip(region.cities("ru"), region.cities(code), strict=True)
        found += [(f"{region.name} {name}", shown) for name, shown in cities]
        other = _l("Another place: %(supplier)s", supplier=region.title(code))
        found.append((f"{region.name} ", str(other)))
    return found
