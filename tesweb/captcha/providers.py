"""The two captchas that are built in, as a plugin would bring them. No third party has a part."""

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from tesweb.captcha import late
from tesweb.captcha.protocol import Captcha
from tesweb.captcha.rules import COST, Mark, tries_asked
from tesweb.captcha.services import browser, key, mark_of, new_mark, solved_lately, spend
from tesweb.current import core
from tesweb.hookspecs import hookimpl

_ALGORITHM = "PBKDF2/SHA-256"
#: A solution is half as long.
_LONGEST = 4096


class WorkCaptcha:
    """The browser computes for a second or five; the person does nothing. ALTCHA's format."""

    name = "work"
    template = "captcha/work.html"
    needs_script = True

    def challenge(self, form: str) -> Mapping[str, Any]:
        """A task in ALTCHA's format, and how many tries it takes at most."""
        least = tries_asked(solved_lately())
        task = late.altcha.create_challenge(
            _ALGORITHM,
            COST,
            counter=least + secrets.randbelow(least),
            data=asdict(new_mark(form)),
            hmac_secret=_secret(),
        )
        return {"task": json.dumps(task.to_dict()), "most": 2 * least}

    def check(self, form: str, answers: Mapping[str, str]) -> bool:
        """Whether the work was done, for this form, by this browser, in time and once."""
        text = answers.get("altcha", "")
        if not 0 < len(text) <= _LONGEST or not _is_done(text):
            return False
        mark = Mark(**json.loads(base64.b64decode(text))["challenge"]["parameters"]["data"])
        return mark.is_good(form, core().clock.now()) and mark.browser == browser() and spend(mark)


class PictureCaptcha:
    """Digits to be read or heard, for a browser that runs no script."""

    name = "picture"
    template = "captcha/picture.html"
    needs_script = False

    def challenge(self, form: str) -> Mapping[str, Any]:
        """What the addresses of picture and sound carry."""
        return {"mark": new_mark(form).text(key())}

    def check(self, form: str, answers: Mapping[str, str]) -> bool:
        """Whether the digits are those of the picture; one try is all that each picture has."""
        mark = mark_of(answers.get("captcha_mark", ""))
        typed = "".join(sign for sign in answers.get("captcha_digits", "") if not sign.isspace())
        if mark is None or not typed or not mark.is_good(form, core().clock.now()):
            return False
        return spend(mark) and secrets.compare_digest(typed.encode(), mark.digits(key()).encode())


@hookimpl
def captcha() -> Iterable[Captcha]:
    """What the forms offer unless the setting `captchas` names others."""
    return [WorkCaptcha(), PictureCaptcha()]


def _is_done(text: str) -> bool:
    try:
        return bool(late.altcha.verify_solution(text, _secret()).verified)
    except Exception:
        return False  # the library takes the text apart without looking, so it may raise anything


def _secret() -> str:
    return f"altcha {core().settings.secret_key.get_secret_value()}"
