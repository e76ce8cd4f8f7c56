"""What people fill in about accounts: which one is meant, and what proves that it is theirs."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice, StringField, ValidationError
from wtforms.validators import AnyOf, InputRequired, Length

from tesweb.accounts.models import Proof, Role
from tesweb.accounts.proofs import kinds_of
from tesweb.accounts.rules import plain_nickname
from tesweb.identity.contacts import canonical_email
from tesweb.identity.passwords import canonical_phone
from tesweb.regions.accounts import BadAccount
from tesweb.regions.region import Region

#: Said of an unknown number and of a wrong answer alike.
NOT_PROVED = _l(
    "This does not match what we have on record. Compare the account number and the answers with "
    "the bill, digit by digit, and try again."
)
TOO_MANY_PROOFS = _l(
    "Too many wrong answers were given for this account number today. Try again tomorrow, or call "
    "us: we will help at once."
)
_LONGEST = Length(max=100, message=_l("It is too long. Copy it from the bill as it stands."))


def proof_field(label: LazyString, hint: LazyString, empty: LazyString) -> StringField:
    """An answer that proves an account; the hint says where to look for it."""
    return StringField(label, [InputRequired(empty), _LONGEST], description=hint)


class ProofForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The number of an account, and an answer for each kind of proof that is asked for."""

    number = StringField(_l("Account number"), [_LONGEST])
    bill_code = proof_field(
        _l("Code from the bill"),
        _l("Printed on the paper bill, beside the account number."),
        _l("Type the code that is printed on the paper bill."),
    )
    meter = proof_field(
        _l("Number of the meter"),
        _l(
            "On the front of the meter, near the barcode, and on the bill. Zeros in front may be "
            "left out."
        ),
        _l("Type the number of the meter: it is on its front and on the bill."),
    )
    payment = proof_field(
        _l("Sum of the last payment, rubles"),
        _l("From the receipt, or from the line of payments on the bill, with kopecks: 347,48."),
        _l("Type the sum of the last payment, with kopecks."),
    )

    def __init__(
        self,
        region: Region,
        kinds: tuple[Proof, ...] = (),
        *args: Any,  # noqa: ANN401 - the library's
        **kwargs: Any,  # noqa: ANN401 - the library's
    ) -> None:
        """Ask for the kinds, or for those that the region asks for."""
        super().__init__(*args, **kwargs)
        self.region = region
        self.kinds = kinds or kinds_of(region)
        #: The number as it is stored, once the form is valid.
        self.account_number = ""
        for kind in Proof:
            if kind not in self.kinds:
                del self[kind.value]

    def validate_number(self, field: Field) -> None:
        """Digits of the region's form. Raises ValidationError with the region's own words."""
        try:
            self.account_number = self.region.account_number(field.data or "")
        except BadAccount as error:
            raise ValidationError(error.reason) from error

    @property
    def asked(self) -> list[Field]:
        """The fields of the proof, in the order of the region."""
        return [self[kind.value] for kind in self.kinds]

    @property
    def answers(self) -> dict[Proof, str]:
        """What was answered, for `proofs.check`."""
        return {kind: self[kind.value].data or "" for kind in self.kinds}

    @property
    def problems(self) -> Iterator[tuple[str, str]]:
        """Each field that is wrong with its sentence, for the summary."""
        return ((field.id, field.errors[0]) for field in (self.number, *self.asked) if field.errors)


#: What each role is called and what it means.
ROLES = {
    Role.OWNER: (
        _l("Owner"),
        _l("sees everything, sends readings, pays, and decides who else has access"),
    ),
    Role.PAYER: (_l("Payer"), _l("sees everything, sends readings and pays")),
    Role.READER: (_l("Observer"), _l("only looks: readings, charges, payments")),
}
_CHOOSE = _l("Choose what this person may do.")


def role_field() -> RadioField:
    """Which role to give; nothing is chosen beforehand."""
    return RadioField(
        _l("What this person may do"),
        [AnyOf([role.value for role in Role], _CHOOSE)],
        choices=[SelectChoice(role.value, name) for role, (name, _) in ROLES.items()],
        validate_choice=False,
    )


class NicknameForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """What somebody calls an account."""

    nickname = StringField(
        _l("Your own name for it"),
        filters=[lambda text: plain_nickname(text or "")],
        validators=[Length(max=64, message=_l("A name is not longer than 64 characters"))],
    )


class RoleForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """What a member may do."""

    role = role_field()

    @property
    def chosen(self) -> Role:
        """The role, once the form is valid."""
        return Role(self.role.data)


class InviteForm(RoleForm):
    """Whom to invite, and as what."""

    contact = StringField(_l("E-mail or phone"), [_LONGEST])

    def validate_contact(self, field: Field) -> None:
        """An address or a Russian number. Raises ValidationError."""
        found = canonical_phone(field.data or "") or canonical_email(field.data or "")
        if found is None:
            raise ValidationError(
                _l(
                    "Type an e-mail address, for example anna@example.ru, or a Russian phone "
                    "number, for example 8 912 345-67-89."
                )
            )
        self.to = found
