"""Accepted readings per second, each durable before its answer, from many residents at once.

Each form is the one that the check page makes, for an account of its own, with its own session,
form token and key. Afterwards the receipts are counted: as many as were acknowledged, each with its
readings. What was written is taken away again, so that the next run finds the same data.
"""

import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection

from bench import bulk, load, pages
from bench.pages import Pace, Ratio
from bench.servers import SECRET, Server
from bench.stores import FOLDER, Store
from tesweb.clock import SystemClock, add_months, month_of
from tesweb.database.engine import Database
from tesweb.identity.session import COOKIE, VisitorSession
from tesweb.meters.statements import find_standing
from tesweb.testing.pages import Form, Page

CLIENTS = 64
#: Forms made for each second of load; a load ends early when its forms are used up.
MOST_PER_SECOND = 3000
#: Fewer accounts than this have not enough forms.
LEAST_ACCOUNTS = 100_000
#: An account with one zone, and one with two.
_MODELS = (1, 5)
_WITHOUT_READING = (
    "SELECT COUNT(*) FROM receipts c WHERE NOT EXISTS (SELECT 1 FROM readings r "
    "WHERE r.account_id = c.account_id AND r.receipt_id = c.id)"
)


class Lost(Exception):
    """What was acknowledged is not what was written."""


@dataclass(frozen=True, slots=True)
class Model:
    """The form of one account's check page; another account's differs in what is filled in."""

    form: Form
    #: The name of the field with the mark of what the person saw.
    mark: str
    #: The month that a reading counts for today.
    period: date

    def line(self, account: int, mark: str) -> tuple[str, str, str]:
        """What load.lua sends for another account with as many zones."""
        sid = bulk.sid(account)
        given = {"csrf_token": _token(sid), "key": uuid.uuid4().hex, self.mark: mark}
        given |= _new_values(self.form.fields, account)
        path = _path(account, self.form.action.rstrip("/").rpartition("/")[2])
        return path, sid, urlencode(self.form.fields | given)


def measure(store: Store, bare: Server, server: Server, pace: Pace) -> Ratio:
    """Bare route, readings, bare route, readings … Raises Lost."""
    files = _files(store, server, pace)
    try:
        warm_up = load.run(server, files[0], pace.seconds, CLIENTS)
        plain = pages.hello_requests()
        pairs = [
            (
                load.run(bare, plain, pace.seconds, CLIENTS),
                load.run(server, file, pace.seconds, CLIENTS),
            )
            for file in files[1:]
        ]
        sent = [warm_up, *(readings for _, readings in pairs)]
        _check(store, sum(each.requests for each in sent), len(sent))
    finally:
        store.undo()
    return pages.summary("readings accepted", pairs)


def _check(store: Store, acknowledged: int, loads: int) -> None:
    """A load ends with up to CLIENTS requests that are written and whose answers nobody reads."""
    written = store.count("SELECT COUNT(*) FROM receipts")
    if not acknowledged <= written <= acknowledged + loads * CLIENTS:
        raise Lost(f"{acknowledged} acknowledged, {written} written")
    if store.count(_WITHOUT_READING):
        raise Lost("a receipt without a reading")


def _files(store: Store, server: Server, pace: Pace) -> list[Path]:
    """A file of forms for each load, no account twice, in an order that jumps about."""
    each = MOST_PER_SECOND * pace.seconds
    wanted = min((pace.rounds + 1) * each, store.accounts)
    accounts = list(range(1, store.accounts + 1, store.accounts // wanted))[:wanted]
    random.Random(20).shuffle(accounts)  # noqa: S311 - the same order in each run, no secret
    store.freshen([*accounts, *_MODELS])
    lines = list(_lines(store, server, accounts))
    return [
        load.write_requests(FOLDER / f"send{start // each}.requests", lines[start : start + each])
        for start in range(0, len(lines), each)
    ]


def _lines(store: Store, server: Server, accounts: Sequence[int]) -> Iterator[tuple[str, str, str]]:
    with closing(Database(store.address)) as database, database.read() as connection:
        models = {
            bulk.has_two_zones(account): _model(connection, server, account) for account in _MODELS
        }
        for account in accounts:
            model = models[bulk.has_two_zones(account)]
            yield model.line(account, find_standing(connection, account, model.period).mark)


def _model(connection: Connection, server: Server, account: int) -> Model:
    """Fill in the table as a person does and read the form of the check page."""
    table = _form(_open(server, account, _path(account)), "/check")
    filled = table.fields | _new_values(dict.fromkeys(table.names, ""), account)
    form = _form(_open(server, account, f"{table.action}?{urlencode(filled)}"), "/send")
    month = month_of(SystemClock().now().date())
    for period in (month, add_months(month, 1)):
        mark = find_standing(connection, account, period).mark
        for name, value in form.fields.items():
            if value == mark:
                return Model(form, name, period)
    raise LookupError(f"no mark in {form.fields}")


def _form(page: Page, ending: str) -> Form:
    return next(form for form in page.forms if form.action.rstrip("/").endswith(ending))


def _open(server: Server, account: int, path: str) -> Page:
    headers = {"Cookie": f"{COOKIE}={bulk.sid(account)}", "Sec-Fetch-Site": "same-origin"}
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request("GET", path, headers=headers)
        return Page(connection.getresponse().read().decode())


def _new_values(fields: dict[str, str], account: int) -> dict[str, str]:
    """Something usual for each register among the fields (`reading-<meter>-<register>`)."""
    registers = {name: int(name.split("-")[2]) for name in fields if name.startswith("reading-")}
    return {
        name: str(bulk.last_value(account, register) + 100) for name, register in registers.items()
    }


def _path(account: int, act: str = "") -> str:
    return f"/readings/{account}/{act}"


def _token(sid: str) -> str:
    """The form token of a session, as Flask-WTF signs it."""
    raw = VisitorSession(sid, is_new=False)["csrf_token"]
    return str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(raw))
