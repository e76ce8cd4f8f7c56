"""What operators type about money: an answer, a ground, a day."""

from collections.abc import Mapping
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from tesweb.accounts.rules import plain_nickname
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.operator.members import Found, NoAccount, find

_SHORT = _l("Say in a few words what was found and done.")
_WHY = _l("Say in a few words why, and what to do instead: the resident reads it.")
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


class ReasonForm(AnswerForm):
    """Why a request is declined; its resident reads it."""

    answer = StringField(
        _l("Why not"),
        filters=[lambda text: plain_nickname(text or "")],
        validators=[Length(min=_SHORTEST, message=_WHY), Length(max=_LONGEST, message=_LONG)],
    )


def chosen_account(values: Mapping[str, str]) -> tuple[Found | None, str]:
    """The account of a number that an operator has typed, and why money may not be put there.

    Nobody puts money to an account of their own.
    """
    branch = values.get("region", "") or core().default_region.name
    try:
        found = find(connection(), branch, values.get("account", "")[:60])
    except NoAccount:
        return None, str(_l("We have no account of this number. Compare the digits."))
    if found.of(policy.visitor().id) is not None:
        return None, str(_l("This is your own account. A colleague decides about it."))
    return found, ""


def day_of(text: str) -> date | None:
    """The day that was chosen; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
