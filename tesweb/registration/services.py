"""Becoming a user; each function is one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import request
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tesweb.accounts.households import accept_known
from tesweb.accounts.services import link
from tesweb.current import connection, core
from tesweb.identity import challenges
from tesweb.identity import services as identity
from tesweb.identity.challenges import TRIES, Exhausted, Open, Purpose, Refused, Unknown
from tesweb.identity.contacts import Asked, may_send
from tesweb.identity.limits import count, network_of
from tesweb.identity.passwords import canonical_login, verify_password
from tesweb.identity.statements import INSERT_USER
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.messages.services import Message, enqueue
from tesweb.registration import drafts
from tesweb.registration.drafts import Draft
from tesweb.registration.rules import DOCUMENTS, Way
from tesweb.registration.statements import ADDRESS_TAKEN, INSERT_CONSENT, LOGIN_TAKEN

Given = ParamSpec("Given")
Result = TypeVar("Result")

_CHANNELS = {Way.EMAIL: "email", Way.PHONE: "sms"}
#: How long the link of a letter, and the code of a text message, can be used.
LINK_LIVES = timedelta(days=1)
CODE_LIVES = timedelta(minutes=5)
#: Letters and codes that one registration may send, to its address again and to other ones.
_OF_DRAFT = 10
#: What one network may begin, and send: a house behind one address, and no more.
_OF_NETWORK = ((20, timedelta(minutes=10)), (100, timedelta(days=1)))


class TooMany(Exception):
    """The network, the address or the number has had its share for now."""


class LoginTaken(Exception):
    """Somebody has this login."""


class AddressTaken(Exception):
    """The address or the number has come to be somebody's since the message was sent."""


class NotInvited(Exception):
    """The invitation has been used or taken back since the registration was begun."""


class WrongPassword(Exception):
    """Another browser than the one that registered does not know the password."""


def is_taken(login: str) -> bool:
    """Whether somebody has this login; it may be told, as a login opens nothing by itself."""
    return bool(connection().execute(LOGIN_TAKEN, {"login": canonical_login(login)}).scalar())


def begin(draft: Draft) -> None:
    """Keep what somebody began with. Raises TooMany."""
    now, network = core().clock.now(), network_of(request.remote_addr or "")
    with core().database.work() as work:
        sums = [
            count(work, f"register {network} {place}", now, window) <= most
            for place, (most, window) in enumerate(_OF_NETWORK)
        ]
        if all(sums):
            drafts.begin(work, draft)
    if not all(sums):
        raise TooMany


def send() -> Draft:
    """Send the letter or the code to this browser's draft's address. Raises TooMany or Refused.

    Whoever has a cabinet with the address already is told so there, and only there.
    """
    with core().database.work() as work:
        found, draft = drafts.held(work)
        allowed = _may_send(work, found.id, draft)
        if allowed:
            _send(work, found.id, draft)
    if not allowed:
        raise TooMany
    return draft


def _may_send(work: Connection, draft_id: int, draft: Draft) -> bool:
    """Count a message by its address, its draft and its network: each captcha stands for few."""
    now, network = core().clock.now(), network_of(request.remote_addr or "")
    limits = [(f"send draft {draft_id}", _OF_DRAFT, drafts.LIFETIME)]
    limits += [
        (f"send network {network} {place}", most, window)
        for place, (most, window) in enumerate(_OF_NETWORK)
    ]
    counted = [count(work, key, now, window) <= most for key, most, window in limits]
    return all(counted) and may_send(work, _CHANNELS[draft.way], draft.address, Asked.ACTIVATION)


def _send(work: Connection, draft_id: int, draft: Draft) -> None:
    is_letter = draft.way is Way.EMAIL
    secret = challenges.token() if is_letter else challenges.code()
    lifetime = LINK_LIVES if is_letter else CODE_LIVES
    number = challenges.issue(
        work,
        Purpose.ACTIVATION,
        secret,
        lifetime=lifetime,
        bound=not is_letter,
        payload={"draft": draft_id, "address": draft.address},
    )
    host = urlsplit(core().settings.public_address or request.host_url).hostname or ""
    values: dict[str, str] = (
        {"path": f"/activate?key={secret}"} if is_letter else {"code": secret, "host": host}
    )
    is_known = bool(work.execute(ADDRESS_TAKEN, {"address": draft.address}).scalar())
    message = Message(
        f"activation {number}",
        _CHANNELS[draft.way],
        draft.address,
        draft.language,
        "registered_already" if is_known else "activation",
        {} if is_known else values | {"login": draft.login},
        core().clock.now() + lifetime,
    )
    enqueue(work, message)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A cabinet that a link would activate."""

    login: str
    #: Whether this is the browser that it was registered in; another one is asked the password.
    is_ours: bool


def waiting(key: str) -> Waiting:
    """What the link of a letter activates. Raises Refused."""
    with core().database.work() as work:
        _, _, draft, is_ours = _of_link(work, key)
    return Waiting(draft.login, is_ours)


def _again_if_raced(activate: Callable[Given, Result]) -> Callable[Given, Result]:
    """Try once more where somebody took the login or the address in between: now it is seen."""

    @wraps(activate)
    def activated(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return activate(*args, **kwargs)
        except IntegrityError:
            return activate(*args, **kwargs)

    return activated


@_again_if_raced
def activate_by_link(key: str, password: str, login: str = "") -> None:
    """Make the user of a letter's link and sign in.

    Another browser than the one that registered has to know the password: a letter that went to a
    mistyped address opens nothing to whoever got it. `login` replaces one that was taken since.
    Raises Refused, NotInvited, WrongPassword, LoginTaken or AddressTaken.
    """
    now, sid = core().clock.now(), ""
    with core().database.work() as work:
        letter, found, draft, is_ours = _of_link(work, key)
        tries = 0 if is_ours else count(work, f"activate {letter.id}", now, LINK_LIVES)
        is_right = is_ours or (tries <= TRIES and verify_password(draft.password_hash, password))
        if is_right:
            sid = _activate(work, found, draft, login, "" if is_ours else "password")
            challenges.spend(work, letter)
    if tries > TRIES:
        raise Exhausted
    if not is_right:
        raise WrongPassword
    identity.enter(sid)


@_again_if_raced
def activate_by_code(code: str, login: str = "") -> bool:
    """Make the user whose number the code proves and sign in; False for a wrong code.

    Raises Refused, NotInvited, LoginTaken or AddressTaken.
    """
    with core().database.work() as work:
        found, draft = drafts.held(work)
        spent = challenges.try_code(work, Purpose.ACTIVATION, code)
        if spent is None or spent.payload != {"draft": found.id, "address": draft.address}:
            return False
        sid = _activate(work, found, draft, login, "")
    identity.enter(sid)
    return True


def _of_link(work: Connection, key: str) -> tuple[Open, Open, Draft, bool]:
    letter = challenges.by_secret(work, Purpose.ACTIVATION, key)
    found, draft, is_ours = drafts.by_id(work, int(letter.payload["draft"]))
    if letter.payload["address"] != draft.address:  # it was changed after this letter
        raise Unknown
    return letter, found, draft, is_ours


def _activate(work: Connection, found: Open, draft: Draft, login: str, factors: str) -> str:
    """Everything that becoming a user is, and the id of the new session."""
    name = login or draft.login
    if work.execute(LOGIN_TAKEN, {"login": canonical_login(name)}).scalar():
        raise LoginTaken
    if work.execute(ADDRESS_TAKEN, {"address": draft.address}).scalar():
        raise AddressTaken
    challenges.spend(work, found)
    challenges.keep(work, found, {})
    user_id = _create(work, draft, name)
    for asked in DOCUMENTS:
        if asked.purpose in (draft.consents or ()):
            work.execute(INSERT_CONSENT, asked.given(user_id, core().clock.now()))
    journal.record(work, user_id, What.REGISTERED, way=draft.way.value)
    if draft.invitation:
        _join(work, user_id, draft.invitation)
    else:
        link(work, user_id, draft.account_id, is_full=draft.is_full)
    return identity.admit(work, user_id, factors)


def _join(work: Connection, user_id: int, invitation: str) -> None:
    """The household that invited takes the place of a proof. Raises NotInvited."""
    try:
        accept_known(work, user_id, bytes.fromhex(invitation))
    except Refused as error:
        raise NotInvited from error


def _create(work: Connection, draft: Draft, name: str) -> int:
    values = {
        "login": canonical_login(name),
        "password_hash": draft.password_hash,
        "name": name,
        "language": draft.language,
        "created_at": core().clock.now(),
        "email": draft.address if draft.way is Way.EMAIL else None,
        "phone": draft.address if draft.way is Way.PHONE else None,
        "region": draft.region,
        "city": draft.city or None,
    }
    return int(work.execute(INSERT_USER, values).scalar_one())
