"""What people fill in to have money back: how much, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.money import NOTHING, BadSum, Kopecks, parse_rubles
from tesweb.payments.forms import in_words, plain
from tesweb.payments.refunds import Room

#: Letters of the words that somebody adds to the reason.
_MOST_WORDS = 300


class Ground(StrEnum):
    """Why money is asked back."""

    TWICE = "twice"
    WRONG_SUM = "wrong_sum"
    WRONG_ACCOUNT = "wrong_account"
    MOVED = "moved"
    OTHER = "other"


GROUNDS: dict[Ground, LazyString] = {
    Ground.TWICE: _l("I paid twice"),
    Ground.WRONG_SUM: _l("I paid another sum than I meant to"),
    Ground.WRONG_ACCOUNT: _l("I paid for another account than I meant to"),
    Ground.MOVED: _l("I have moved out"),
    Ground.OTHER: _l("Another reason"),
}


@dataclass(slots=True)
class Wish:
    """How much somebody wants back, and why."""

    text: str = ""
    ground: str = ""
    words: str = ""
    amount: Kopecks = NOTHING
    #: For each field what is wrong there.
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> str:
        """The reason as it is stored: the kind of it, then the person's own words."""
        return f"{self.ground} {self.words}".strip()


def offered(room: Room) -> Wish:
    """The page as it comes: all that can go back."""
    return Wish(plain(room.most))


def typed(values: Mapping[str, str], room: Room) -> Wish:
    """The page as it was sent."""
    words = " ".join(values.get("words", "").split())
    wish = Wish(values.get("sum", "")[:32], values.get("ground", "")[:32], words[:_MOST_WORDS])
    try:
        wish.amount = parse_rubles(wish.text or "0")
    except BadSum:
        wish.errors["sum"] = _("This is no sum. Type rubles and kopecks with a comma: 1 234,56")
    else:
        if wish.amount == 0:
            wish.errors["sum"] = _("Type how much to give back, for example 1 234,56")
        elif wish.amount > room.most:
            most = in_words(room.most)
            wish.errors["sum"] = _("No more than %(sum)s can be given back.", sum=most)
    if wish.ground not in set(Ground):
        wish.errors["ground"] = _("Choose why the money should be given back")
    return wish


def ground_in_words(kept: str) -> str:
    """The reason for a page: its kind, and what the person has added."""
    kind, _space, words = kept.partition(" ")
    if kind not in set(Ground):
        return kept
    known = str(GROUNDS[Ground(kind)])
    return f"{known}: {words}" if words else known
