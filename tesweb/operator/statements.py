"""Queries of the back office, built once; no names of residents, no addresses to write to."""

from sqlalchemy import bindparam, delete, exists, func, or_, select, update

from tesweb.accounts.models import Account, Membership
from tesweb.database.naming import table_of
from tesweb.factors.models import Passkey, RecoveryCode, Totp
from tesweb.freeze.models import Freeze
from tesweb.identity.challenges import Purpose
from tesweb.identity.models import Challenge, Session, User
from tesweb.meters.models import Reading, Receipt, State

freezes = table_of(Freeze)
users = table_of(User)
sessions = table_of(Session)
challenges = table_of(Challenge)
accounts = table_of(Account)
memberships = table_of(Membership)
readings = table_of(Reading)
receipts = table_of(Receipt)
passkeys = table_of(Passkey)
totps = table_of(Totp)
recovery_codes = table_of(RecoveryCode)

_AWAITED = freezes.c.wants_control & freezes.c.control_done_at.is_(None)
#: Cabinets that are locked, and those whose meter is still to be read; the oldest first.
OPEN = (
    select(
        freezes.c.id,
        freezes.c.user_id,
        freezes.c.frozen_at,
        freezes.c.readings_since,
        freezes.c.wants_control,
        freezes.c.control_done_at,
        freezes.c.lifted_at,
    )
    .where(or_(freezes.c.lifted_at.is_(None), _AWAITED))
    .order_by(freezes.c.id)
    .limit(bindparam("most"))
)
COUNTS = select(
    select(func.count())
    .select_from(freezes)
    .where(freezes.c.lifted_at.is_(None))
    .scalar_subquery()
    .label("locked"),
    select(func.count()).select_from(freezes).where(_AWAITED).scalar_subquery().label("awaited"),
)
_ASIDE = (
    select(func.count())
    .select_from(
        receipts.join(
            readings,
            (readings.c.account_id == receipts.c.account_id)
            & (readings.c.period == receipts.c.period)
            & (readings.c.receipt_id == receipts.c.id),
        )
    )
    .where(
        receipts.c.account_id == accounts.c.id,
        receipts.c.user_id == memberships.c.user_id,
        readings.c.state == State.QUARANTINED.value,
    )
    .correlate(accounts, memberships)
    .scalar_subquery()
    .label("aside")
)
#: The accounts of these people, with how many of their readings wait in quarantine.
ACCOUNTS = (
    select(
        memberships.c.user_id,
        accounts.c.id,
        accounts.c.number,
        accounts.c.address,
        accounts.c.region,
        _ASIDE,
    )
    .select_from(memberships.join(accounts, accounts.c.id == memberships.c.account_id))
    .where(memberships.c.user_id.in_(bindparam("users", expanding=True)))
    .order_by(memberships.c.user_id, memberships.c.position)
)
#: The ways back of these people that the office has begun.
HELPED = select(challenges.c.user_id, challenges.c.payload).where(
    challenges.c.purpose == Purpose.OFFICE.value,
    challenges.c.user_id.in_(bindparam("users", expanding=True)),
    challenges.c.spent_at.is_(None),
    challenges.c.expires_at > bindparam("moment"),
)
FREEZE = select(freezes.c.id, freezes.c.user_id).where(freezes.c.id == bindparam("number"))
CONTROL_DONE = (
    update(freezes)
    .where(freezes.c.id == bindparam("number"), _AWAITED)
    .values(control_done_at=bindparam("moment"))
)
LOOK = select(challenges.c.payload).where(
    challenges.c.purpose == Purpose.OPERATOR_LOOK.value,
    challenges.c.binding == bindparam("binding"),
    challenges.c.user_id == bindparam("user_id"),
    challenges.c.expires_at > bindparam("moment"),
)

# ---- the commands

#: The right is given or taken once, and whoever is in with the other one has to come anew.
APPOINT = (
    update(users)
    .where(users.c.id == bindparam("whose"), users.c.is_operator != bindparam("wanted"))
    .values(is_operator=bindparam("wanted"))
)
END_SESSIONS = delete(sessions).where(sessions.c.user_id == bindparam("whose"))
_freeze = (
    select(func.max(freezes.c.id))
    .where(freezes.c.user_id == users.c.id, freezes.c.lifted_at.is_(None))
    .correlate(users)
    .scalar_subquery()
)
#: How a cabinet stands, without anything of the person's own.
STATE = select(
    users.c.id,
    users.c.created_at,
    users.c.is_operator,
    users.c.frozen_at,
    users.c.deleted_at,
    users.c.email.is_not(None).label("has_email"),
    users.c.phone.is_not(None).label("has_phone"),
    exists().where(totps.c.user_id == users.c.id).label("has_app"),
    _freeze.label("request"),
).where(
    or_(
        users.c.login == bindparam("login"),
        users.c.email == bindparam("login"),
        users.c.phone == bindparam("phone"),
    )
)
NUMBERS = select(
    *(
        select(func.count())
        .select_from(table)
        .where(table.c.user_id == bindparam("user_id"))
        .scalar_subquery()
        .label(name)
        for name, table in (
            ("accounts", memberships),
            ("devices", sessions),
            ("passkeys", passkeys),
            ("recovery_codes", recovery_codes),
        )
    )
)
