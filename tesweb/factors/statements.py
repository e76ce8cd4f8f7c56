"""Queries about factors, built once."""

from sqlalchemy import bindparam, case, delete, func, insert, or_, select, update

from tesweb.database.naming import table_of
from tesweb.factors.models import Passkey, RecoveryCode, Totp
from tesweb.identity.models import Session, User

passkeys = table_of(Passkey)
totps = table_of(Totp)
codes = table_of(RecoveryCode)
users = table_of(User)
sessions = table_of(Session)

PASSKEYS_OF_USER = (
    select(
        passkeys.c.id,
        passkeys.c.credential_id,
        passkeys.c.device_type,
        passkeys.c.is_backed_up,
        passkeys.c.transports,
        passkeys.c.name,
        passkeys.c.created_at,
        passkeys.c.used_at,
    )
    .where(passkeys.c.user_id == bindparam("user_id"))
    .order_by(passkeys.c.id)
)
#: Whoever asked to be forgotten does not come in any more.
PASSKEY_BY_CREDENTIAL = (
    select(
        passkeys.c.id,
        passkeys.c.user_id,
        passkeys.c.public_key,
        passkeys.c.device_type,
        users.c.handle,
    )
    .select_from(passkeys.join(users, users.c.id == passkeys.c.user_id))
    .where(passkeys.c.credential_id == bindparam("credential"), users.c.deleted_at.is_(None))
)
INSERT_PASSKEY = insert(passkeys)
RENAME_PASSKEY = (
    update(passkeys)
    .where(passkeys.c.id == bindparam("number"), passkeys.c.user_id == bindparam("owner"))
    .values(name=bindparam("text"))
)
DELETE_PASSKEY = delete(passkeys).where(
    passkeys.c.id == bindparam("number"), passkeys.c.user_id == bindparam("owner")
)
#: One row where the counter has grown, or is 0 as ever; two uses at once cannot both pass.
PASSKEY_USED = (
    update(passkeys)
    .where(
        passkeys.c.id == bindparam("number"),
        or_(
            passkeys.c.sign_count < bindparam("count"),
            passkeys.c.sign_count + bindparam("count") == 0,
        ),
    )
    .values(
        sign_count=bindparam("count"), is_backed_up=bindparam("copied"), used_at=bindparam("moment")
    )
)
HAS_PASSKEY = select(passkeys.c.id).where(passkeys.c.id == bindparam("number"))
HANDLE_OF_USER = select(users.c.handle).where(users.c.id == bindparam("user_id"))
SET_HANDLE = (
    update(users)
    .where(users.c.id == bindparam("owner"), users.c.handle.is_(None))
    .values(handle=bindparam("random"))
)

TOTP_OF_USER = select(totps.c.secret, totps.c.added_at).where(
    totps.c.user_id == bindparam("user_id")
)
INSERT_TOTP = insert(totps)
DELETE_TOTP = delete(totps).where(totps.c.user_id == bindparam("owner"))
#: One row for the first who shows the code, none for whoever shows it again.
TOTP_USED = (
    update(totps)
    .where(totps.c.user_id == bindparam("owner"), totps.c.counter < bindparam("step"))
    .values(counter=bindparam("step"))
)

CODES_OF_USER = (
    select(codes.c.number, codes.c.code_hash, codes.c.used_at)
    .where(codes.c.user_id == bindparam("user_id"))
    .order_by(codes.c.number)
)
INSERT_CODE = insert(codes)
DELETE_CODES = delete(codes).where(codes.c.user_id == bindparam("owner"))
CODE_USED = (
    update(codes)
    .where(
        codes.c.user_id == bindparam("owner"),
        codes.c.number == bindparam("place"),
        codes.c.used_at.is_(None),
    )
    .values(used_at=bindparam("moment"))
)

_OWN_PASSKEYS = passkeys.c.user_id == bindparam("user_id")
_OWN_CODES = codes.c.user_id == bindparam("user_id")
#: How many passkeys, how many of them on several devices, whether there is an app, how many codes
#: there are and how many are left.
STANDING = select(
    select(func.count()).select_from(passkeys).where(_OWN_PASSKEYS).scalar_subquery(),
    select(func.count())
    .select_from(passkeys)
    .where(_OWN_PASSKEYS, passkeys.c.device_type == "multi_device")
    .scalar_subquery(),
    select(func.count())
    .select_from(totps)
    .where(totps.c.user_id == bindparam("user_id"))
    .scalar_subquery(),
    select(func.count()).select_from(codes).where(_OWN_CODES).scalar_subquery(),
    select(func.sum(case((codes.c.used_at.is_(None), 1), else_=0)))
    .select_from(codes)
    .where(_OWN_CODES)
    .scalar_subquery(),
)
END_OTHER_SESSIONS = delete(sessions).where(
    sessions.c.user_id == bindparam("owner"), sessions.c.id_hash != bindparam("here")
)
