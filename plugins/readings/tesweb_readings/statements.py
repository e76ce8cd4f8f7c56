"""Questions of the pages about readings, built once; each names the account first."""

from datetime import date

from sqlalchemy import bindparam, func, insert, literal, null, or_, select, union_all, update

from tesweb.api import (
    Account,
    KilowattHours,
    Meter,
    Reading,
    Receipt,
    Register,
    Source,
    State,
    User,
    doubted_by_sender,
    held_by_lock,
    table_of,
)
from tesweb_readings.models import Answer, Dispute, DisputedValue

readings = table_of(Reading)
registers = table_of(Register)
meters = table_of(Meter)
receipts = table_of(Receipt)
users = table_of(User)
accounts = table_of(Account)
disputes = table_of(Dispute)
disputed = table_of(DisputedValue)

#: Before every reading.
EVER = date(1, 1, 1)
_ZERO = literal(0, KilowattHours)
_ITS_VALUES = (disputed.c.account_id == disputes.c.account_id) & (
    disputed.c.dispute_id == disputes.c.id
)

#: Readings of every state since a month, and what waits for an answer or was refused one, whose
#: state is the answer's.
HISTORY = union_all(
    select(
        readings.c.period,
        readings.c.meter_no,
        readings.c.register_no,
        readings.c.version,
        readings.c.value,
        readings.c.consumed,
        readings.c.read_on,
        readings.c.source,
        readings.c.state,
        readings.c.receipt_id,
        null().label("dispute_id"),
    ).where(
        readings.c.account_id == bindparam("account_id"),
        readings.c.period >= bindparam("since"),
    ),
    select(
        disputes.c.period,
        disputed.c.meter_no,
        disputed.c.register_no,
        literal(0),
        disputed.c.value,
        _ZERO,
        disputes.c.read_on,
        literal(Source.RESIDENT.value),
        disputes.c.answer,
        null(),
        disputes.c.id,
    )
    .select_from(disputes.join(disputed, _ITS_VALUES))
    .where(
        disputes.c.account_id == bindparam("account_id"),
        disputes.c.period >= bindparam("since"),
        disputes.c.answer != Answer.ACCEPTED.value,
    ),
)
_WAITING_REQUEST = (
    select(func.max(disputes.c.id))
    .where(
        disputes.c.account_id == bindparam("account_id"),
        disputes.c.answer == Answer.OPEN.value,
    )
    .scalar_subquery()
    .label("request_id")
)
#: What the cards of the dashboard show: each standing or past register with its accepted months,
#: and the newest request that waits for an answer.
CONSUMED = (
    select(
        readings.c.period,
        registers.c.zone,
        readings.c.consumed,
        readings.c.receipt_id,
        readings.c.meter_no,
        readings.c.register_no,
        meters.c.removed_on,
        _WAITING_REQUEST,
    )
    .select_from(
        meters.join(
            registers,
            (registers.c.account_id == meters.c.account_id)
            & (registers.c.meter_no == meters.c.meter_no),
        ).outerjoin(
            readings,
            (readings.c.account_id == registers.c.account_id)
            & (readings.c.meter_no == registers.c.meter_no)
            & (readings.c.register_no == registers.c.register_no)
            & (readings.c.period >= bindparam("since"))
            & (readings.c.state == State.ACCEPTED.value),
        )
    )
    .where(meters.c.account_id == bindparam("account_id"))
)
#: Every register the account ever had, so that old readings can be named.
ALL_REGISTERS = (
    select(
        registers.c.meter_no,
        registers.c.register_no,
        registers.c.zone,
        registers.c.digits,
        meters.c.serial,
        meters.c.removed_on,
    )
    .select_from(
        registers.join(
            meters,
            (meters.c.account_id == registers.c.account_id)
            & (meters.c.meter_no == registers.c.meter_no),
        )
    )
    .where(registers.c.account_id == bindparam("account_id"))
)
_earlier = readings.alias("earlier")
#: What somebody has read on the same register before, else what it started with.
_PREVIOUS = func.coalesce(
    select(_earlier.c.value)
    .where(
        _earlier.c.account_id == readings.c.account_id,
        _earlier.c.meter_no == readings.c.meter_no,
        _earlier.c.register_no == readings.c.register_no,
        _earlier.c.period < readings.c.period,
        _earlier.c.state == State.ACCEPTED.value,
        _earlier.c.source.not_in([Source.AVERAGE.value, Source.NORM.value]),
    )
    .order_by(_earlier.c.period.desc())
    .limit(1)
    .correlate(readings)
    .scalar_subquery(),
    registers.c.initial,
).label("previous")
#: Every version of a month's readings, the oldest first, so that a receipt can say what it has
#: replaced and what has replaced it.
VERSIONS = (
    select(
        readings.c.meter_no,
        readings.c.register_no,
        readings.c.value,
        readings.c.consumed,
        readings.c.state,
        readings.c.receipt_id,
        meters.c.serial,
        registers.c.zone,
        registers.c.digits,
        registers.c.ratio,
        _PREVIOUS,
    )
    .select_from(
        readings.join(
            registers,
            (registers.c.account_id == readings.c.account_id)
            & (registers.c.meter_no == readings.c.meter_no)
            & (registers.c.register_no == readings.c.register_no),
        ).join(
            meters,
            (meters.c.account_id == readings.c.account_id)
            & (meters.c.meter_no == readings.c.meter_no),
        )
    )
    .where(
        readings.c.account_id == bindparam("account_id"),
        readings.c.period == bindparam("period"),
    )
    .order_by(readings.c.meter_no, readings.c.register_no, readings.c.version)
)
#: Who sent a receipt's readings, and when.
SENDER = (
    select(users.c.id, users.c.name, receipts.c.accepted_at)
    .select_from(receipts.join(users, users.c.id == receipts.c.user_id))
    .where(receipts.c.account_id == bindparam("account_id"), receipts.c.id == bindparam("id"))
)

INSERT_DISPUTE = insert(disputes).returning(disputes.c.id)
INSERT_VALUES = insert(disputed)
DISPUTE_OF_KEY = select(disputes.c.id, disputes.c.account_id).where(
    disputes.c.key == bindparam("key")
)
OPEN_DISPUTES = select(disputes.c.id).where(
    disputes.c.account_id == bindparam("account_id"),
    disputes.c.answer == Answer.OPEN.value,
)
_SHOWN = (
    disputes.c.id,
    disputes.c.account_id,
    disputes.c.sent_at,
    disputes.c.read_on,
    disputes.c.period,
    disputes.c.comment,
    disputes.c.photo.is_not(None).label("has_photo"),
    disputes.c.answer,
    disputes.c.reason,
    disputes.c.answered_at,
    held_by_lock(disputes.c.user_id, disputes.c.sent_at).label("is_held"),
    doubted_by_sender(disputes.c.user_id, disputes.c.sent_at).label("is_doubted"),
)
#: Without the photo: it may be half a megabyte.
DISPUTE = select(*_SHOWN).where(
    disputes.c.account_id == bindparam("account_id"), disputes.c.id == bindparam("id")
)
#: For the operator, of whichever account; with the account's number and region.
DISPUTE_BY_NUMBER = (
    select(*_SHOWN, accounts.c.number, accounts.c.region)
    .select_from(disputes.join(accounts, accounts.c.id == disputes.c.account_id))
    .where(disputes.c.id == bindparam("id"))
)
IS_HELD = select(held_by_lock(disputes.c.user_id, disputes.c.sent_at)).where(
    disputes.c.id == bindparam("id")
)
DISPUTE_VALUES = (
    select(disputed.c.meter_no, disputed.c.register_no, disputed.c.value)
    .where(
        disputed.c.account_id == bindparam("account_id"), disputed.c.dispute_id == bindparam("id")
    )
    .order_by(disputed.c.meter_no, disputed.c.register_no)
)
#: Accepted readings that the values of a request would replace though they are not older than it.
#: Of what came without a receipt only the day is known, and what billing has guessed never counts.
NEWER = (
    select(readings.c.meter_no, readings.c.register_no, readings.c.value)
    .select_from(
        disputed.join(
            readings,
            (readings.c.account_id == disputed.c.account_id)
            & (readings.c.meter_no == disputed.c.meter_no)
            & (readings.c.register_no == disputed.c.register_no),
        ).outerjoin(receipts, receipts.c.id == readings.c.receipt_id)
    )
    .where(
        disputed.c.account_id == bindparam("account_id"),
        disputed.c.dispute_id == bindparam("id"),
        readings.c.period == bindparam("period"),
        readings.c.state == State.ACCEPTED.value,
        readings.c.source.not_in([Source.AVERAGE.value, Source.NORM.value]),
        or_(
            receipts.c.accepted_at >= bindparam("sent_at"),
            readings.c.receipt_id.is_(None) & (readings.c.read_on >= bindparam("read_on")),
        ),
    )
    .order_by(readings.c.meter_no, readings.c.register_no)
)
PHOTO = select(disputes.c.photo).where(
    disputes.c.account_id == bindparam("account_id"), disputes.c.id == bindparam("id")
)
#: For the operator, the oldest first.
WAITING = (
    select(*_SHOWN, accounts.c.number, accounts.c.region)
    .select_from(disputes.join(accounts, accounts.c.id == disputes.c.account_id))
    .where(disputes.c.answer == Answer.OPEN.value)
    .order_by(disputes.c.id)
)
ANSWER = (
    update(disputes)
    .where(disputes.c.id == bindparam("number"), disputes.c.answer == Answer.OPEN.value)
    .values(answer=bindparam("verdict"), reason=bindparam("why"), answered_at=bindparam("moment"))
)
#: Without the photos, of which one at a time is asked for.
REQUESTS_OF_USER = (
    select(
        disputes.c.id,
        disputes.c.account_id,
        accounts.c.number,
        disputes.c.sent_at,
        disputes.c.period,
        disputes.c.comment,
        func.length(disputes.c.photo).label("photo_size"),
        disputes.c.answer,
        disputes.c.reason,
        disputes.c.answered_at,
    )
    .select_from(disputes.join(accounts, accounts.c.id == disputes.c.account_id))
    .where(disputes.c.user_id == bindparam("user_id"))
    .order_by(disputes.c.id)
)
VALUES_OF_USER = (
    select(
        disputed.c.dispute_id,
        meters.c.serial,
        registers.c.zone,
        registers.c.digits,
        disputed.c.value,
    )
    .select_from(
        disputes.join(disputed, _ITS_VALUES)
        .join(
            registers,
            (registers.c.account_id == disputed.c.account_id)
            & (registers.c.meter_no == disputed.c.meter_no)
            & (registers.c.register_no == disputed.c.register_no),
        )
        .join(
            meters,
            (meters.c.account_id == disputed.c.account_id)
            & (meters.c.meter_no == disputed.c.meter_no),
        )
    )
    .where(disputes.c.user_id == bindparam("user_id"))
    .order_by(disputed.c.dispute_id, disputed.c.meter_no, disputed.c.register_no)
)
#: The answer and the values stay: a reading may have been taken by them.
FORGET_SENDER = (
    update(disputes).where(disputes.c.user_id == bindparam("owner")).values(comment="", photo=None)
)
