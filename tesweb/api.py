"""Every name that a plugin may use, in one place; it changes only with a word in the changelog."""

from tesweb.accounts.models import Account, Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.captcha.protocol import Captcha
from tesweb.clock import add_months, local_day, month_of
from tesweb.current import connection, core, settings_of
from tesweb.database.naming import CLUSTERED, table_of
from tesweb.database.rows import fetch
from tesweb.database.types import BigKey, KilowattHours, UtcDateTime
from tesweb.freeze.holds import doubted_by_sender, held_by_lock
from tesweb.hookspecs import Card, LoginHelp, NavigationItem, hookimpl
from tesweb.htmx import is_fragment, leave, push, redirect, render
from tesweb.identity import policy
from tesweb.identity.models import User
from tesweb.layout.formats import FORMATS, Formats
from tesweb.layout.languages import language_code
from tesweb.messages.protocol import Channel, NotSent, Refused, Unreachable
from tesweb.meters.dials import MeterFacts, Replaced, Standing
from tesweb.meters.models import Meter, Reading, Receipt, Register, Source, State, Zone
from tesweb.meters.rules import BadValue, Dial, Judgement, Limits, RegisterId, Span, Typed, Verdict
from tesweb.meters.rules import judge_all as judge_readings
from tesweb.meters.rules import parse as parse_reading
from tesweb.meters.services import (
    Accepted,
    ChangedMeanwhile,
    Doubted,
    Entry,
    Incomplete,
    KeyTaken,
    LowerThanBefore,
    MonthClosed,
    NotAccepted,
    SenderLocked,
    Submission,
)
from tesweb.meters.services import accept as accept_readings
from tesweb.meters.services import record as record_reading
from tesweb.meters.statements import RECEIPT_OF_ID, REGISTERS, find_standing
from tesweb.meters.statements import complete as complete_standing
from tesweb.meters.statements import first_month as first_month_of_standing
from tesweb.meters.statements import hold as hold_account
from tesweb.money import BadSum, Kopecks, format_rubles, parse_rubles
from tesweb.payments import protocol as payments
from tesweb.profile.protocol import InWords, PersonalData, PersonalFile, PersonalValue
from tesweb.regions.accounts import BadAccount
from tesweb.regions.region import Region, Window
from tesweb.tariffs.models import Cost, CostLine, Part, Tariff
from tesweb.tariffs.rules import BadVolumes, price_parts

__all__ = [
    "CLUSTERED",
    "FORMATS",
    "RECEIPT_OF_ID",
    "REGISTERS",
    "Accepted",
    "Account",
    "BadAccount",
    "BadSum",
    "BadValue",
    "BadVolumes",
    "BigKey",
    "Captcha",
    "Card",
    "ChangedMeanwhile",
    "Channel",
    "Cost",
    "CostLine",
    "Dial",
    "Doubted",
    "Entry",
    "Formats",
    "InWords",
    "Incomplete",
    "Judgement",
    "KeyTaken",
    "KilowattHours",
    "Kopecks",
    "Limits",
    "LinkedAccount",
    "LoginHelp",
    "LowerThanBefore",
    "Meter",
    "MeterFacts",
    "MonthClosed",
    "NavigationItem",
    "NotAccepted",
    "NotSent",
    "Part",
    "PersonalData",
    "PersonalFile",
    "PersonalValue",
    "Reading",
    "Receipt",
    "Refused",
    "Region",
    "Register",
    "RegisterId",
    "Replaced",
    "Role",
    "SenderLocked",
    "Source",
    "Span",
    "Standing",
    "State",
    "Submission",
    "Tariff",
    "Typed",
    "Unreachable",
    "User",
    "UtcDateTime",
    "Verdict",
    "Window",
    "Zone",
    "accept_readings",
    "add_months",
    "complete_standing",
    "connection",
    "core",
    "doubted_by_sender",
    "fetch",
    "find_standing",
    "first_month_of_standing",
    "format_rubles",
    "held_by_lock",
    "hold_account",
    "hookimpl",
    "is_fragment",
    "judge_readings",
    "language_code",
    "leave",
    "local_day",
    "month_of",
    "parse_reading",
    "parse_rubles",
    "payments",
    "policy",
    "price_parts",
    "push",
    "record_reading",
    "redirect",
    "render",
    "settings_of",
    "table_of",
]
