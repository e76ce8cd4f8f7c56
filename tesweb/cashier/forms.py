"""What operators type about money: an answer, a ground, a day."""

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from tesweb.accounts.rules import plain_nickname

_SHORT = _l("Say in a few words what was found and done.")
_LONG = _l("An answer is not longer than 500 characters")
_SHORTEST, _LONGEST = 5, 500


class AnswerForm(FlaskForm):  # type: ignore[misc]  # the library has no types
    """How something was dealt with; it is kept for good."""

    answer = StringField(
        _l("What was done"),
        filters=[lambda text: plain_nickname(text or "")],
        validators=[Length(min=_SHORTEST, message=_SHORT), Length(max=_LONGEST, message=_LONG)],
    )

    @property
    def error(self) -> str | None:
        """What is wrong with the answer."""
        return self.answer.errors[0] if self.answer.errors else None


def day_of(text: str) -> date | None:
    """The day that was chosen; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
