"""Which captchas a form shows, and whether one of them was solved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request

from tesweb import hookspecs
from tesweb.captcha.protocol import Captcha
from tesweb.captcha.rules import Mark, read_mark
from tesweb.current import core
from tesweb.identity.challenges import digest, token
from tesweb.identity.limits import DatabaseStorage, count, network_of
from tesweb.identity.session import current_session, hash_of

#: How long a captcha may be solved.
LIFETIME = timedelta(minutes=10)
#: The field by which somebody asks for one that needs no script.
PLAIN = "captcha_plain"


@dataclass(frozen=True, slots=True)
class Shown:
    """A captcha as a form shows it."""

    template: str
    challenge: Mapping[str, Any]
    #: Whether only a browser without JavaScript shows it.
    is_spare: bool


def shown(form: str) -> list[Shown]:
    """What the form of that name shows: the one that needs no work of the person comes first.

    Where the form was sent with `PLAIN`, those that need no script stand in the open.
    """
    offered = _offered()
    if PLAIN in request.form:
        offered = [each for each in offered if not each.needs_script] or offered
    has_script = any(each.needs_script for each in offered)
    return [
        Shown(each.template, each.challenge(form), has_script and not each.needs_script)
        for each in offered
    ]


def passes(form: str) -> bool:
    """Whether this request's form solves one of those that are offered.

    Where the setting names none, every form passes; where it names some that are not there, none.
    """
    is_open = not core().settings.captchas
    return is_open or any(each.check(form, request.form) for each in _offered())


def new_mark(form: str) -> Mark:
    """What a new captcha for that form and this browser is made for."""
    until = int((core().clock.now() + LIFETIME).timestamp())
    return Mark(form, browser(), until, token())


def mark_of(text: str) -> Mark | None:
    """The mark of a field, if it is one of this server's and this browser's."""
    return read_mark(text, browser(), key())


def spend(mark: Mark) -> bool:
    """Use a mark up, in all processes at once; False where it was used before."""
    now = core().clock.now()
    with core().database.work() as work:
        is_first = count(work, f"captcha {digest(mark.salt).hex()}", now, LIFETIME) == 1
        if is_first:
            count(work, _network(), now, LIFETIME)
    return is_first


def solved_lately() -> int:
    """How many this network has solved within ten minutes."""
    return DatabaseStorage(core().database, core().clock).get(_network())


def browser() -> str:
    """What a captcha knows a browser by."""
    return hash_of("captcha " + current_session().sid).hex()[:32]


def key() -> bytes:
    """What marks are signed with."""
    return core().settings.secret_key.get_secret_value().encode()


def _network() -> str:
    return f"captcha network {network_of(request.remote_addr or '')}"


def _offered() -> list[Captcha]:
    names = core().settings.captchas
    found = {each.name: each for _, each in core().plugins.each(hookspecs.captcha)}
    return [found[name] for name in names if name in found]
