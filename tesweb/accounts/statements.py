"""The account as a request sees it: a row, not an entity; and what proves whose it is."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, delete, func, select, update

from tesweb.accounts.models import Account, Membership, Role
from tesweb.accounts.rules import unbroken
from tesweb.database.naming import table_of
from tesweb.identity.models import Challenge, User
from tesweb.ledger.models import Payment
from tesweb.meters.models import Meter
from tesweb.money import Kopecks

accounts = table_of(Account)
meters = table_of(Meter)
payments = table_of(Payment)
memberships = table_of(Membership)
users = table_of(User)
challenges = table_of(Challenge)

ACCOUNT_BY_NUMBER = select(accounts.c.id, accounts.c.address, accounts.c.bill_code).where(
    accounts.c.number == bindparam("number"), accounts.c.region == bindparam("region")
)
#: Of the meters that stand.
SERIALS_OF_ACCOUNT = select(meters.c.serial).where(
    meters.c.account_id == bindparam("account_id"), meters.c.removed_on.is_(None)
)
#: What was paid on the last day of payment.
LAST_PAYMENTS = select(payments.c.amount).where(
    payments.c.account_id == bindparam("account_id"),
    payments.c.paid_on
    == select(func.max(payments.c.paid_on))
    .where(payments.c.account_id == bindparam("account_id"))
    .scalar_subquery(),
)

#: Who decides about the members of an account waits for others who do. It leaves those alone who
#: only refer to the account, as a new reading's foreign key does.
HOLD_ACCOUNT = (
    select(accounts.c.id, accounts.c.number)
    .where(accounts.c.id == bindparam("account_id"))
    .with_for_update(key_share=True)
)
#: The longest-standing first.
MEMBERS = (
    select(
        memberships.c.user_id,
        memberships.c.role,
        memberships.c.linked_at,
        users.c.name,
        users.c.frozen_at,
    )
    .join(users, users.c.id == memberships.c.user_id)
    .where(memberships.c.account_id == bindparam("account_id"))
    .order_by(memberships.c.linked_at, memberships.c.user_id)
)
POSITIONS = (
    select(memberships.c.account_id, memberships.c.position)
    .where(memberships.c.user_id == bindparam("user_id"))
    .order_by(memberships.c.position, memberships.c.account_id)
)
NAME_OF_USER = select(users.c.name).where(users.c.id == bindparam("user_id"))
_MEMBERSHIP = update(memberships).where(
    memberships.c.user_id == bindparam("whose"), memberships.c.account_id == bindparam("which")
)
SET_POSITION = _MEMBERSHIP.values(position=bindparam("place"))
SET_NICKNAME = _MEMBERSHIP.values(nickname=bindparam("text"))
SET_ROLE = _MEMBERSHIP.values(role=bindparam("given"))
DELETE_MEMBER = delete(memberships).where(
    memberships.c.user_id == bindparam("whose"), memberships.c.account_id == bindparam("which")
)
#: Invitations or questions about an account, open or answered, until their time is over.
OFFERS = (
    select(
        challenges.c.id,
        challenges.c.user_id,
        challenges.c.account_id,
        challenges.c.payload,
        challenges.c.created_at,
        challenges.c.expires_at,
        challenges.c.spent_at,
        users.c.name,
    )
    .join(users, users.c.id == challenges.c.user_id)
    .where(
        challenges.c.purpose == bindparam("purpose"),
        challenges.c.account_id == bindparam("account_id"),
        challenges.c.expires_at > bindparam("moment"),
    )
    .order_by(challenges.c.id)
)
DROP_OFFERS = delete(challenges).where(
    challenges.c.account_id == bindparam("which"),
    challenges.c.purpose.in_(("invitation", "consent")),
)
#: What a user has asked the owners of accounts.
ASKED = (
    select(
        challenges.c.account_id,
        challenges.c.expires_at,
        challenges.c.spent_at,
        accounts.c.number,
        accounts.c.region,
    )
    .join(accounts, accounts.c.id == challenges.c.account_id)
    .where(
        challenges.c.purpose == "consent",
        challenges.c.user_id == bindparam("user_id"),
        challenges.c.expires_at > bindparam("moment"),
    )
    .order_by(challenges.c.id)
)
#: Questions that wait for an owner, by account.
WAITING = (
    select(challenges.c.account_id, func.count().label("number"))
    .join(memberships, memberships.c.account_id == challenges.c.account_id)
    .where(
        memberships.c.user_id == bindparam("user_id"),
        memberships.c.role == Role.OWNER.value,
        challenges.c.purpose == "consent",
        challenges.c.expires_at > bindparam("moment"),
        challenges.c.spent_at.is_(None),
    )
    .group_by(challenges.c.account_id)
)
#: Read without a lock, for the page that only shows it.
INVITATION = (
    select(
        challenges.c.account_id,
        challenges.c.payload,
        challenges.c.expires_at,
        challenges.c.spent_at,
        users.c.name,
        accounts.c.address,
        accounts.c.region,
    )
    .join(users, users.c.id == challenges.c.user_id)
    .join(accounts, accounts.c.id == challenges.c.account_id)
    .where(
        challenges.c.purpose == "invitation", challenges.c.secret_hash == bindparam("secret_hash")
    )
)

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
    #: What the visitor calls it; empty where there is no such name.
    nickname: str = ""

    @property
    def title(self) -> str:
        """What the pages call it: the visitor's own name for it, else its address."""
        return self.nickname or self.address

    def __post_init__(self) -> None:
        """Show the address as the pages do."""
        object.__setattr__(self, "address", unbroken(self.address))

    def permits(self, role: Role) -> bool:
        """Whether the visitor's role here may do what `role` may."""
        return _RANK[self.role] <= _RANK[role]
