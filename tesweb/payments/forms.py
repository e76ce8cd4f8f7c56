"""What people fill in to pay: which accounts, what sums, which way, where the receipt goes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.accounts.statements import LinkedAccount
from tesweb.identity.contacts import canonical_email
from tesweb.identity.passwords import canonical_phone
from tesweb.money import BadSum, Kopecks, format_rubles, parse_rubles
from tesweb.payments.rules import suggested

_EMPTY = _l("Type how much to pay, for example 1 234,56")
_NO_SUM = _l("This is no sum. Type rubles and kopecks with a comma: 1 234,56")
_NONE = _l("Tick at least one address that you want to pay for")


@dataclass(frozen=True, slots=True)
class Row:
    """An account that can be paid for, with what stands in its field."""

    account: LinkedAccount
    text: str
    is_chosen: bool
    error: LazyString | None = None


@dataclass(slots=True)
class Sums:
    """What was filled in on the first page."""

    rows: list[Row] = field(default_factory=list)
    #: Kopecks by account, of those that are chosen and right.
    shares: dict[int, Kopecks] = field(default_factory=dict)
    #: What is wrong with all of it together.
    error: LazyString | str | None = None
    #: Whether the sums are to be offered for autopay.
    for_autopay: bool = False
    #: The ticket of somebody else's account, `others.find`; empty for one's own.
    other: str = ""

    @property
    def problems(self) -> list[tuple[str, LazyString | str]]:
        """Ids of the fields, each with what is wrong there."""
        found: list[tuple[str, LazyString | str]] = [
            (f"sum-{row.account.id}", row.error) for row in self.rows if row.error
        ]
        if self.error and self.rows:
            found.append((f"sum-{self.rows[0].account.id}", self.error))
        return found

    @property
    def address(self) -> dict[str, str]:
        """What the next page's address says."""
        values: dict[str, str] = {"autopay": "1"} if self.for_autopay else {}
        values |= {"other": self.other} if self.other else {}
        for account_id, share in self.shares.items():
            values[f"pay-{account_id}"] = "1"
            values[f"sum-{account_id}"] = plain(share)
        return values


def offered(accounts: Iterable[LinkedAccount], *, chosen: int | None, empty: bool) -> Sums:
    """The first page as it comes: what is owed stands in the fields."""
    found = list(accounts)
    rows = []
    for account in found:
        sum_ = suggested(account.balance)
        is_chosen = account.id == chosen if chosen else len(found) == 1 or sum_ > 0
        rows.append(Row(account, "" if empty or not sum_ else plain(sum_), is_chosen))
    return Sums(rows)


def typed(values: Mapping[str, str], accounts: Iterable[LinkedAccount]) -> Sums:
    """The first page as it was sent."""
    found, ticket = list(accounts), values.get("other", "")
    sums = Sums(for_autopay="autopay" in values and not ticket, other=ticket)
    for account in found:
        text = values.get(f"sum-{account.id}", "")[:32]
        is_chosen = len(found) == 1 or f"pay-{account.id}" in values
        error = _read(text, account.id, sums) if is_chosen else None
        sums.rows.append(Row(account, text, is_chosen, error))
    if found and not any(row.is_chosen for row in sums.rows):
        sums.error = _NONE
    return sums


def _read(text: str, account_id: int, sums: Sums) -> LazyString | None:
    if not text.strip():
        return _EMPTY
    try:
        amount = parse_rubles(text)
    except BadSum:
        return _NO_SUM
    if amount == 0:
        return _EMPTY
    sums.shares[account_id] = amount
    return None


def plain(amount: Kopecks) -> str:
    """A sum as people type it: `1234,56`."""
    return f"{amount // 100},{amount % 100:02d}"


def in_words(amount: Kopecks) -> str:
    """A sum for a sentence: whole rubles without kopecks."""
    text = format_rubles(amount)
    return text.replace(",00", "")


def read_contact(text: str) -> str | None:
    """An e-mail address or a number (`+7…`) for the receipt; None where it is neither."""
    return canonical_email(text) if "@" in text else canonical_phone(text)
