"""What operators fill in; what they type is read by whom it concerns."""

from collections.abc import Collection, Iterator

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectChoice, StringField, ValidationError
from wtforms.validators import AnyOf

from tesweb.accounts.rules import plain_nickname
from tesweb.operator.rules import Flaw, flaw_of
from tesweb.recovery.office import Help
from tesweb.recovery.rules import Way

_SAID = {
    Flaw.SHORT: _l("Type what was shown and the number of the paper request."),
    Flaw.LONG: _l("A ground is not longer than 200 characters"),
    Flaw.NUMBER: _l("Take out the long number: the person reads this, and it cannot be deleted."),
}


class GroundForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """Why something is done; the journal keeps it for good."""

    ground = StringField(_l("Ground"), filters=[lambda text: plain_nickname(text or "")])

    def validate_ground(self, field: Field) -> None:
        """It says something, and no number of a passport. Raises ValidationError."""
        flaw = flaw_of(field.data)
        if flaw is not None:
            raise ValidationError(_SAID[flaw])

    @property
    def problems(self) -> Iterator[tuple[str, str]]:
        """Each field that is wrong with its sentence, for the summary."""
        return ((field.id, field.errors[0]) for field in self if field.errors)


class HelpForm(GroundForm):
    """How the office helps somebody whose cabinet is locked."""

    way = RadioField(
        _l("How the person gets the code"),
        choices=[SelectChoice(way.value, way.value) for way in Way],
        validate_choice=False,
    )
    second = BooleanField(_l("The second step is lost too: take it off"))

    def offer(self, ways: Collection[Way]) -> None:
        """Take only the ways that lead to the owner."""
        wrong = _l("Choose how the person gets the code.")
        self.way.validators = [AnyOf([way.value for way in ways], wrong)]

    @property
    def wish(self) -> Help:
        """What is asked for, once the form is valid."""
        return Help(self.ground.data, Way(self.way.data), second=self.second.data)
