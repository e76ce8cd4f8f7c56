"""The account as a request sees it: a row, not an entity."""

from dataclasses import dataclass
from datetime import date

from tesweb.accounts.models import Role
from tesweb.money import Kopecks

#: Each role may do what those after it may.
_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account that the visitor may look at, with what the visitor may do on it."""

    id: int
    number: str
    #: As it is printed: nothing breaks after the dot of an abbreviation.
    address: str
    #: The name of the region that serves it.
    region: str
    #: The tariff category.
    category: str
    #: Owed in kopecks, negative when overpaid.
    balance: Kopecks
    #: The day up to which billing has sent what it knows.
    balance_on: date | None
    role: Role

    def __post_init__(self) -> None:
        """Keep `apt. 17` on one line."""
        object.__setattr__(self, "address", self.address.replace(". ", ".\u00a0"))

    def permits(self, role: Role) -> bool:
        """Whether the visitor's role here may do what `role` may."""
        return _RANK[self.role] <= _RANK[role]
