"""Server-side sessions behind one opaque cookie.

The cookie holds 32 random bytes; the database only their hash. A visitor who has not signed in has
a cookie too, for the form token, but no row: the token's secret derives from the cookie itself, so
strangers cannot fill the table.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Connection

from tesweb.clock import Clock
from tesweb.current import connection, core
from tesweb.identity.statements import (
    DELETE_SESSION,
    END_SESSIONS,
    INSERT_SESSION,
    PURGE_SESSIONS,
    SEEN,
    SESSION_BEGAN,
    Visitor,
    find_visitor,
)

#: `__Host-`: the browser itself refuses it without Secure, with a Domain or from a sibling host.
COOKIE = "__Host-sid"
#: Where Flask-WTF keeps the secret of the form token.
_CSRF = "csrf_token"
_USER = "_user_id"
_SID = re.compile(r"[A-Za-z0-9_-]{43}")
#: How often `seen_at` is written where sessions may be idle for days; a quarter of a shorter limit.
_SEEN_EVERY = timedelta(hours=1)


class VisitorSession(dict[str, Any], SessionMixin):
    """What Flask and Flask-Login see as `session`; the user is looked up when first asked for."""

    def __init__(self, sid: str, *, is_new: bool) -> None:
        """The session behind the cookie `sid`."""
        super().__init__()
        self._looked_up = is_new
        self._visitor: Visitor | None = None
        #: Whether the cookie has to be sent.
        self.dirty = False
        self.put(sid)
        self.new = is_new

    def put(self, sid: str) -> None:
        """Take another session id, and with it another form token."""
        self.sid = sid
        # One way, from 256 random bits, and another hash than the database's.
        self[_CSRF] = hashlib.sha256(b"form token " + sid.encode()).hexdigest()

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - a session holds anything
        """A value; handing out a form token to a new visitor makes the cookie necessary."""
        if key == _CSRF and self.new:
            self.dirty = True
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - a session holds anything
        """A value or the default; Flask-Login asks for the user's id this way."""
        if key == _USER and not self._looked_up:
            self.look_up()
        return super().get(key, default)

    @property
    def visitor(self) -> Visitor | None:
        """Who is signed in."""
        if not self._looked_up:
            self.look_up()
        return self._visitor

    def look_up(self) -> None:
        """Find out who is signed in; an idle or ended session is nobody's."""
        self._looked_up, self._visitor = True, None
        found = find_visitor(connection(), hash_of(self.sid))
        now = core().clock.now()
        idle = timedelta(minutes=core().settings.session_idle_minutes)
        if found is None or found.ends_at <= now or found.seen_at + idle <= now:
            return
        self._visitor = found
        self[_USER] = found.get_id()
        if now - found.seen_at >= min(_SEEN_EVERY, idle / 4):
            with core().database.work() as work:
                work.execute(SEEN, {"hash": hash_of(self.sid), "moment": now})

    def become(self, sid: str) -> None:
        """Another session from now on: after signing in and after signing out."""
        self.clear()
        self.put(sid)
        self.dirty = True
        self.look_up()


class DatabaseSessions(SessionInterface):
    """Opens the session of a request and sends the cookie where one is needed."""

    def open_session(self, app: Flask, request: Request) -> VisitorSession:
        """The session of the cookie; nothing is read from the database yet."""
        del app
        sid = request.cookies.get(COOKIE, "")
        if _SID.fullmatch(sid):
            return VisitorSession(sid, is_new=False)
        return VisitorSession(new_sid(), is_new=True)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie if the session is new and used, or has changed its id."""
        del app
        if not isinstance(session, VisitorSession) or not session.dirty:
            return
        days = core().settings.session_days if session.visitor else None
        response.set_cookie(
            COOKIE,
            session.sid,
            max_age=timedelta(days=days) if days else None,
            secure=True,
            httponly=True,
            samesite="Lax",
        )


def current_session() -> VisitorSession:
    """The session of this request, typed."""
    found = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - werkzeug's documented way through a proxy
    if not isinstance(found, VisitorSession):
        raise TypeError("the session is not ours")
    return found


def new_sid() -> str:
    """A session id that nobody can guess: 256 bits."""
    return secrets.token_urlsafe(32)


def hash_of(sid: str) -> bytes:
    """What the database keeps of a session id."""
    return hashlib.sha256(sid.encode()).digest()


@dataclass(frozen=True, slots=True)
class Origin:
    """How and from where a session was opened."""

    #: `password`, `passkey`, `password totp`; empty where nothing was proved.
    factors: str = ""
    #: The browser and system in words.
    device: str = ""
    network: str = ""
    #: When the person signed in on this device; empty where that is now.
    since: datetime | None = None


def start(
    work: Connection, user_id: int, clock: Clock, days: int, origin: Origin | None = None
) -> str:
    """Write a new session for the user, drop the ended ones, and return its id."""
    sid, now = new_sid(), clock.now()
    work.execute(PURGE_SESSIONS, {"moment": now})
    work.execute(INSERT_SESSION, row(sid, user_id, now, days, origin or Origin()))
    return sid


def row(
    sid: str, user_id: int, now: datetime, days: int, origin: Origin | None = None
) -> dict[str, object]:
    """The row of a new session."""
    origin = origin or Origin()
    return {
        "id_hash": hash_of(sid),
        "user_id": user_id,
        "created_at": origin.since or now,
        "seen_at": now,
        "ends_at": now + timedelta(days=days),
        "proved_at": now if origin.factors else None,
        "factors": origin.factors,
        "device": origin.device,
        "network": origin.network,
    }


def end(work: Connection, sid: str) -> bool:
    """Forget a session and say whether there was one."""
    return end_hash(work, hash_of(sid))


def began(work: Connection, sid: str) -> datetime | None:
    """When a session was opened; None where there is none."""
    return work.execute(SESSION_BEGAN, {"id_hash": hash_of(sid)}).scalar()


def end_all(work: Connection, user_id: int, but: str = "") -> int:
    """Forget every session of a user but one, and say how many there were."""
    return work.execute(END_SESSIONS, {"owner": user_id, "but": hash_of(but)}).rowcount


def end_hash(work: Connection, id_hash: bytes) -> bool:
    """Forget a session of which only the hash is known, and say whether there was one."""
    return bool(work.execute(DELETE_SESSION, {"id_hash": id_hash}).rowcount)
