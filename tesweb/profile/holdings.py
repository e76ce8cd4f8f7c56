"""Everything that is held about a person, for the person: no secret and no hash of one."""

import base64
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from tesweb.accounts.models import Account
from tesweb.database.naming import table_of
from tesweb.freeze.models import Freeze
from tesweb.meters.models import Meter, Reading, Receipt, Register
from tesweb.payments.models import Autopay, PaymentCard, PaymentOrder, PaymentShare
from tesweb.profile.protocol import InWords, PersonalData, PersonalFile, PersonalValue
from tesweb.profile.statements import (
    CONSENTS,
    codes,
    events,
    memberships,
    outbox,
    passkeys,
    sessions,
    totps,
    users,
)

accounts = table_of(Account)
autopays = table_of(Autopay)
cards = table_of(PaymentCard)
freezes = table_of(Freeze)
meters = table_of(Meter)
orders = table_of(PaymentOrder)
readings = table_of(Reading)
receipts = table_of(Receipt)
registers = table_of(Register)
shares = table_of(PaymentShare)

_ME: BindParameter[int] = bindparam("user_id")
_PERSON = select(
    users.c.login,
    users.c.name,
    users.c.email,
    users.c.phone,
    users.c.region,
    users.c.city,
    users.c.language,
    users.c.created_at,
).where(users.c.id == _ME)
_ACCOUNTS = (
    select(
        accounts.c.number,
        accounts.c.region,
        accounts.c.address,
        memberships.c.role,
        memberships.c.nickname,
        memberships.c.linked_at,
    )
    .select_from(memberships.join(accounts, accounts.c.id == memberships.c.account_id))
    .where(memberships.c.user_id == _ME)
    .order_by(memberships.c.position, accounts.c.id)
)
_OF_RECEIPT = (readings.c.account_id == receipts.c.account_id) & (
    readings.c.receipt_id == receipts.c.id
)
_OF_METER = (meters.c.account_id == readings.c.account_id) & (
    meters.c.meter_no == readings.c.meter_no
)
_OF_REGISTER = (
    (registers.c.account_id == readings.c.account_id)
    & (registers.c.meter_no == readings.c.meter_no)
    & (registers.c.register_no == readings.c.register_no)
)
_READINGS = (
    select(
        receipts.c.id.label("receipt"),
        receipts.c.accepted_at,
        accounts.c.number.label("account"),
        meters.c.serial.label("meter"),
        registers.c.zone,
        readings.c.period,
        readings.c.value,
        readings.c.state,
    )
    .select_from(
        receipts.join(accounts, accounts.c.id == receipts.c.account_id)
        .join(readings, _OF_RECEIPT)
        .join(meters, _OF_METER)
        .join(registers, _OF_REGISTER)
    )
    .where(receipts.c.user_id == _ME)
    .order_by(receipts.c.id, readings.c.meter_no, readings.c.register_no)
)
_SESSIONS = (
    select(
        sessions.c.device,
        sessions.c.network,
        sessions.c.created_at,
        sessions.c.seen_at,
        sessions.c.ends_at,
        sessions.c.factors,
    )
    .where(sessions.c.user_id == _ME)
    .order_by(sessions.c.created_at)
)
_PASSKEYS = (
    select(passkeys.c.name, passkeys.c.created_at, passkeys.c.used_at)
    .where(passkeys.c.user_id == _ME)
    .order_by(passkeys.c.id)
)
_TOTPS = select(totps.c.added_at).where(totps.c.user_id == _ME)
_CODES = select(codes.c.number, codes.c.used_at).where(codes.c.user_id == _ME)
_FREEZES = (
    select(
        freezes.c.id.label("number"),
        freezes.c.frozen_at,
        freezes.c.readings_since,
        freezes.c.wants_control,
        freezes.c.lifted_at,
    )
    .where(freezes.c.user_id == _ME)
    .order_by(freezes.c.id)
)
_EVENTS = (
    select(events.c.happened_at, events.c.what, events.c.device, events.c.network, events.c.detail)
    .where(events.c.user_id == _ME)
    .order_by(events.c.id)
)
_CARDS = (
    select(cards.c.gateway, cards.c.brand, cards.c.last4, cards.c.saved_at)
    .where(cards.c.user_id == _ME)
    .order_by(cards.c.id)
)
_AUTOPAYS = (
    select(
        accounts.c.number.label("account"),
        autopays.c.kind,
        autopays.c.amount.label("sum"),
        autopays.c.day,
        autopays.c.started_at,
        autopays.c.ended_at,
        autopays.c.end_reason,
    )
    .join(accounts, accounts.c.id == autopays.c.account_id)
    .where(autopays.c.user_id == _ME)
    .order_by(autopays.c.id)
)
_PAYMENTS = (
    select(
        orders.c.id.label("number"),
        orders.c.created_at.label("begun_at"),
        accounts.c.number.label("account"),
        shares.c.amount.label("sum"),
        orders.c.fee.label("fee"),
        orders.c.state.label("payment_state"),
        orders.c.paid_at,
        orders.c.way,
        orders.c.gateway,
        orders.c.brand,
        orders.c.last4,
        orders.c.contact,
    )
    .select_from(
        orders.join(shares, shares.c.order_id == orders.c.id).join(
            accounts, accounts.c.id == shares.c.account_id
        )
    )
    .where(orders.c.user_id == _ME)
    .order_by(orders.c.id, accounts.c.id)
)
_MESSAGES = (
    select(outbox.c.channel, outbox.c.recipient, outbox.c.template, outbox.c.created_at)
    .where(outbox.c.recipient.in_(bindparam("addresses", expanding=True)))
    .order_by(outbox.c.id)
)
#: Each is a list in the file, under its name and in this order.
_LISTS: dict[str, Select[Any]] = {
    "person": _PERSON,
    "consents": CONSENTS,
    "accounts": _ACCOUNTS,
    "readings": _READINGS,
    "devices": _SESSIONS,
    "passkeys": _PASSKEYS,
    "app_codes": _TOTPS,
    "recovery_codes": _CODES,
    "locks": _FREEZES,
    "payments": _PAYMENTS,
    "cards": _CARDS,
    "autopays": _AUTOPAYS,
    "events": _EVENTS,
}
Holdings = dict[str, list[dict[str, Any]]]


def gather(reader: Connection, user_id: int) -> Holdings:
    """All of it, by names; the values are those of the database."""
    me = {"user_id": user_id}
    found = {name: _rows(reader, query, me) for name, query in _LISTS.items()}
    person = found["person"][0]
    addresses = [address for address in (person["email"], person["phone"]) if address]
    found["messages"] = _rows(reader, _MESSAGES, {"addresses": addresses})
    for event in found["events"]:
        event["detail"] = json.loads(event["detail"])
    return found


def as_json(
    holdings: Holdings,
    plugins: dict[str, dict[str, list[dict[str, Any]]]],
    missing: list[str],
    made_at: datetime,
) -> bytes:
    """The file for a machine; `missing` are plugins whose part could not be told."""
    text = {"made_at": made_at} | holdings | {"plugins": plugins, "missing": missing}
    return json.dumps(text, ensure_ascii=False, indent=2, default=_plain).encode()


def for_programs(part: PersonalData) -> list[dict[str, Any]]:
    """A plugin's list as the file for a machine has it."""
    return [
        {name: _told(value) for name, value in zip(part.columns, row, strict=True)}
        for row in part.rows
    ]


def _told(value: PersonalValue) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, InWords):
        return _told(value.value)
    if isinstance(value, PersonalFile):
        # The content itself and no link to it: a copy is for whoever leaves, and a link opens
        # nothing once the cabinet is deleted or the account somebody else's.
        content = base64.b64encode(value.read()).decode()
        of_file = {"name": value.name, "media_type": value.media_type, "size": value.size}
        return of_file | {"content_base64": content}
    if value is None or isinstance(value, str | int):
        return value
    return _plain(value)


def _rows(reader: Connection, query: Select[Any], values: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in reader.execute(query, values).mappings()]


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(type(value).__name__)
