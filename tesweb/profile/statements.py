"""Queries about the person who is signed in, built once."""

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from tesweb.accounts.models import Membership
from tesweb.database.naming import table_of
from tesweb.factors.models import Passkey, RecoveryCode, Totp
from tesweb.identity.challenges import Purpose
from tesweb.identity.models import Challenge, Session, User
from tesweb.journal.models import SecurityEvent
from tesweb.journal.rules import What
from tesweb.messages.models import OutboxMessage
from tesweb.profile.models import Unforgotten
from tesweb.registration.models import Consent

users = table_of(User)
sessions = table_of(Session)
challenges = table_of(Challenge)
passkeys = table_of(Passkey)
totps = table_of(Totp)
codes = table_of(RecoveryCode)
events = table_of(SecurityEvent)
consents = table_of(Consent)
memberships = table_of(Membership)
outbox = table_of(OutboxMessage)
unforgotten = table_of(Unforgotten)

#: Sessions that still open something.
_ALIVE = (
    sessions.c.user_id == bindparam("user_id"),
    sessions.c.ends_at > bindparam("moment"),
    sessions.c.seen_at > bindparam("idle_since"),
)
_EVENTS = select(func.max(events.c.happened_at)).where(events.c.user_id == bindparam("user_id"))
_PASSWORD_SET = events.c.what.in_([What.PASSWORD_CHANGED.value, What.RECOVERED.value])
#: The present state of each thing that the first page lists.
SUMMARY = select(
    users.c.email,
    users.c.phone,
    exists().where(totps.c.user_id == users.c.id).label("has_totp"),
    select(func.count())
    .where(passkeys.c.user_id == users.c.id)
    .scalar_subquery()
    .label("passkeys"),
    select(func.count())
    .where(codes.c.user_id == users.c.id, codes.c.used_at.is_(None))
    .scalar_subquery()
    .label("codes"),
    select(func.count()).where(*_ALIVE).scalar_subquery().label("devices"),
    _EVENTS.where(_PASSWORD_SET).scalar_subquery().label("password_at"),
    _EVENTS.scalar_subquery().label("event_at"),
).where(users.c.id == bindparam("user_id"))
CONTACTS = select(users.c.email, users.c.phone, users.c.city).where(
    users.c.id == bindparam("user_id")
)
#: Who has an address or a number; nobody has another's.
HOLDER_OF_EMAIL = select(users.c.id, users.c.name, users.c.language).where(
    users.c.email == bindparam("address")
)
HOLDER_OF_PHONE = select(users.c.id, users.c.name, users.c.language).where(
    users.c.phone == bindparam("address")
)
SET_EMAIL = update(users).where(users.c.id == bindparam("owner")).values(email=bindparam("address"))
SET_PHONE = update(users).where(users.c.id == bindparam("owner")).values(phone=bindparam("address"))
#: The new address that waits for its letter's link.
PENDING_EMAIL = (
    select(challenges.c.payload)
    .where(
        challenges.c.user_id == bindparam("user_id"),
        challenges.c.purpose == Purpose.EMAIL_CHANGE.value,
        challenges.c.spent_at.is_(None),
        challenges.c.expires_at > bindparam("moment"),
    )
    .order_by(challenges.c.id.desc())
    .limit(1)
)
SESSIONS = (
    select(
        sessions.c.id_hash,
        sessions.c.created_at,
        sessions.c.seen_at,
        sessions.c.device,
        sessions.c.network,
    )
    .where(*_ALIVE)
    .order_by(sessions.c.seen_at.desc(), sessions.c.created_at.desc())
)
CONSENTS = (
    select(
        consents.c.purpose,
        consents.c.version,
        consents.c.given_at,
        consents.c.withdrawn_at,
    )
    .where(consents.c.user_id == bindparam("user_id"))
    .order_by(consents.c.purpose, consents.c.given_at)
)
#: So that of two tabs one gives.
HOLD_PERSON = select(users.c.id).where(users.c.id == bindparam("user_id")).with_for_update()
WITHDRAW = (
    update(consents)
    .where(
        consents.c.user_id == bindparam("owner"),
        consents.c.purpose == bindparam("wanted"),
        consents.c.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("moment"))
)
WITHDRAW_ALL = (
    update(consents)
    .where(consents.c.user_id == bindparam("owner"), consents.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("moment"))
)
#: The row stays, as receipts and the journal name its number; what it says of a person goes.
WIPE_USER = (
    update(users)
    .where(users.c.id == bindparam("owner"))
    .values(
        login=bindparam("nobody"),
        password_hash="!",  # noqa: S106 - no password has this hash
        name="—",
        email=None,
        phone=None,
        region=None,
        city=None,
        handle=None,
        is_operator=False,
        deleted_at=bindparam("moment"),
    )
)
#: Everything else that opens the cabinet or leads to the person.
WIPE_REST = tuple(
    delete(table).where(table.c.user_id == bindparam("owner"))
    for table in (sessions, challenges, passkeys, totps, codes, memberships)
)
#: What has been sent needs no address any more; what still waits does.
WIPE_ADDRESSES = (
    update(outbox)
    .where(
        outbox.c.recipient.in_(bindparam("addresses", expanding=True)), outbox.c.state != "waiting"
    )
    .values(recipient="")
)
UNFORGOTTEN = select(unforgotten.c.user_id).order_by(unforgotten.c.user_id)
NOTE_UNFORGOTTEN = insert(unforgotten)
STRIKE_UNFORGOTTEN = delete(unforgotten).where(unforgotten.c.user_id == bindparam("owner"))
