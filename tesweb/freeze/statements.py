"""Queries about locked cabinets, built once."""

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update

from tesweb.accounts.models import Account, Membership, Role
from tesweb.database.naming import table_of
from tesweb.factors.models import Passkey, Totp
from tesweb.freeze.models import Freeze
from tesweb.freeze.rules import RENEWED
from tesweb.identity.challenges import Purpose
from tesweb.identity.models import Challenge, User
from tesweb.journal.models import SecurityEvent
from tesweb.journal.rules import What
from tesweb.meters.models import Meter, Reading, Receipt, Register, State

freezes = table_of(Freeze)
users = table_of(User)
challenges = table_of(Challenge)
events = table_of(SecurityEvent)
accounts = table_of(Account)
memberships = table_of(Membership)
readings = table_of(Reading)
receipts = table_of(Receipt)
registers = table_of(Register)
meters = table_of(Meter)
passkeys = table_of(Passkey)
totps = table_of(Totp)

#: Of two at once one finds the cabinet open.
LOCK_USER = (
    update(users)
    .where(
        users.c.id == bindparam("whose"),
        users.c.frozen_at.is_(None),
        users.c.deleted_at.is_(None),
    )
    .values(frozen_at=bindparam("moment"))
)
UNLOCK_USER = (
    update(users)
    .where(users.c.id == bindparam("whose"), users.c.frozen_at.is_not(None))
    .values(frozen_at=None)
)
INSERT_FREEZE = insert(freezes).returning(freezes.c.id)
LIFT = (
    update(freezes)
    .where(freezes.c.user_id == bindparam("whose"), freezes.c.lifted_at.is_(None))
    .values(lifted_at=bindparam("moment"))
)
CURRENT = (
    select(freezes.c.id, freezes.c.frozen_at, freezes.c.readings_since, freezes.c.wants_control)
    .where(freezes.c.user_id == bindparam("user_id"), freezes.c.lifted_at.is_(None))
    .order_by(freezes.c.id.desc())
    .limit(1)
)
#: What somebody may have begun who should not be in: none of it goes on.
DROP_BEGUN = delete(challenges).where(
    challenges.c.user_id == bindparam("whose"),
    challenges.c.purpose.in_(
        [
            Purpose.FREEZE_LINK.value,
            Purpose.SECOND_FACTOR.value,
            Purpose.RECOVERY.value,
            Purpose.EMAIL_CHANGE.value,
            Purpose.PHONE_CHANGE.value,
            Purpose.PASSKEY_MAKE.value,
            Purpose.TOTP_MAKE.value,
            Purpose.LINKING.value,
            Purpose.ACCESS.value,
            Purpose.ACCESS_STOP.value,
            Purpose.INVITATION.value,
        ]
    ),
)
#: By whose clock the person lives: the region of the first account.
REGION_OF_USER = (
    select(accounts.c.region)
    .select_from(memberships.join(accounts, accounts.c.id == memberships.c.account_id))
    .where(memberships.c.user_id == bindparam("user_id"))
    .order_by(memberships.c.position, memberships.c.account_id)
    .limit(1)
)
SIGN_INS = (
    select(events.c.id, events.c.happened_at, events.c.device, events.c.network)
    .where(
        events.c.user_id == bindparam("user_id"),
        events.c.happened_at >= bindparam("since"),
        events.c.what.in_([What.SIGNED_IN.value, What.NEW_DEVICE.value]),
    )
    .order_by(events.c.id.desc())
    .limit(5)
)

# ---- unlocking

#: Accounts whose proof counts: the person's as an owner since before anybody could have got in.
OWN_ACCOUNTS = (
    select(memberships.c.account_id, memberships.c.linked_at, users.c.created_at)
    .join(users, users.c.id == memberships.c.user_id)
    .where(
        memberships.c.user_id == bindparam("user_id"),
        memberships.c.role == Role.OWNER.value,
    )
    .order_by(memberships.c.linked_at, memberships.c.account_id)
)

#: Which proofs are younger than they should be.
RENEWALS = (
    select(events.c.what)
    .where(
        events.c.user_id == bindparam("user_id"),
        events.c.happened_at >= bindparam("since"),
        events.c.what.in_(sorted(what.value for each in RENEWED.values() for what in each)),
    )
    .distinct()
)
PROOFS = select(challenges.c.payload).where(
    challenges.c.purpose == Purpose.UNFREEZE_PROOF.value,
    challenges.c.binding == bindparam("binding"),
    challenges.c.user_id == bindparam("user_id"),
    challenges.c.expires_at > bindparam("moment"),
)
#: Whether the office has seen the person; counts on a session that has proved the password, as
#: that was set by the office's code and every older session has ended.
OFFICE = select(
    exists().where(
        challenges.c.purpose == Purpose.OFFICE_PROOF.value,
        challenges.c.user_id == bindparam("user_id"),
        challenges.c.expires_at > bindparam("moment"),
    )
)
MEANS = select(
    users.c.email,
    users.c.phone,
    users.c.language,
    exists().where(totps.c.user_id == users.c.id).label("has_app"),
    exists().where(passkeys.c.user_id == users.c.id).label("has_passkey"),
).where(users.c.id == bindparam("user_id"))

# ---- readings in quarantine

_newer = readings.alias("newer")
_SENT_ANEW = exists().where(
    _newer.c.account_id == readings.c.account_id,
    _newer.c.period == readings.c.period,
    _newer.c.meter_no == readings.c.meter_no,
    _newer.c.register_no == readings.c.register_no,
    _newer.c.version > readings.c.version,
    _newer.c.state == State.ACCEPTED.value,
)
#: What the person sent, waits in quarantine and was not sent anew; of accounts that are still the
#: person's to send for.
ASIDE = (
    select(
        receipts.c.id,
        receipts.c.accepted_at,
        receipts.c.period,
        accounts.c.id.label("account_id"),
        accounts.c.number,
        accounts.c.address,
        accounts.c.region,
        meters.c.serial,
        registers.c.zone,
        registers.c.digits,
        readings.c.register_no,
        readings.c.value,
    )
    .select_from(
        memberships.join(accounts, accounts.c.id == memberships.c.account_id)
        .join(receipts, receipts.c.account_id == accounts.c.id)
        .join(
            readings,
            (readings.c.account_id == receipts.c.account_id)
            & (readings.c.period == receipts.c.period)
            & (readings.c.receipt_id == receipts.c.id),
        )
        .join(
            registers,
            (registers.c.account_id == readings.c.account_id)
            & (registers.c.meter_no == readings.c.meter_no)
            & (registers.c.register_no == readings.c.register_no),
        )
        .join(
            meters,
            (meters.c.account_id == readings.c.account_id)
            & (meters.c.meter_no == readings.c.meter_no),
        )
    )
    .where(
        memberships.c.user_id == bindparam("user_id"),
        or_(
            memberships.c.role == Role.OWNER.value,
            memberships.c.role == Role.PAYER.value,
        ),
        receipts.c.user_id == bindparam("user_id"),
        readings.c.state == State.QUARANTINED.value,
        ~_SENT_ANEW,
    )
    .order_by(receipts.c.id.desc(), readings.c.meter_no, readings.c.register_no)
)
#: When what was sent at a moment was put aside.
PUT_AT = select(func.min(freezes.c.frozen_at)).where(
    freezes.c.user_id == bindparam("user_id"),
    freezes.c.readings_since <= bindparam("sent_at"),
    freezes.c.frozen_at >= bindparam("sent_at"),
)
