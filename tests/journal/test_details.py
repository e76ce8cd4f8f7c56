"""The facts of an event as a sentence that its owner understands."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import insert

from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.journal import services as journal
from tesweb.journal.models import SecurityEvent
from tesweb.journal.rules import What
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory

URL = "/profile/events"
SignIn = Callable[..., Client]


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ((What.SIGNED_IN, {"factors": "password totp"}), "Пароль, код приложения."),
        ((What.SIGN_IN_FAILED, {"factor": "code"}), "Неверный код второго шага."),
        ((What.REGISTERED, {"way": "email"}), "По почте."),
        ((What.PASSWORD_CHANGED, {"how": "recovery"}), "По ссылке из сообщения."),
        ((What.EMAIL_CHANGED, {"now": "a•••@mail.ru"}), "Теперь a•••@mail.ru."),
        ((What.CODE_USED, {"left": 3}), "Осталось 3 кода."),
        ((What.PASSKEY_ADDED, {"passkey": "iCloud"}), "Название: iCloud."),
        ((What.FROZEN, {"number": 7, "readings": 2}), "№ 7; отложено 2 показания."),
        ((What.UNFROZEN, {"number": 7, "proofs": "email office"}), "код из письма, наш офис."),
        (
            (What.MEMBER_JOINED, {"account": "…7766", "member": "Пётр Ч.", "role": "payer"}),
            "Пётр Ч.",
        ),
        (
            (
                What.RECOVERY_STARTED,
                {"to": "n•••@mail.ru", "told": "a•••@mail.ru", "ready": "2026-11-23T07:00:00Z"},
            ),
            "На n•••@mail.ru; сообщения отправлены на a•••@mail.ru; возможно с 23 ноября 2026",
        ),
        ((What.RECOVERY_STOPPED, {"by": "sign_in"}), "Потому что вы вошли в кабинет."),
        ((What.MEMBER_REMOVED, {"operator": 0, "ground": "x & <b>"}), "Основание: x & <b>."),
        ((What.SIGNED_OUT, {}), "Выход 20 ноября"),
        ((What.SIGNED_OUT, {"of": "tomorrow"}), "Выход 20 ноября"),
    ],
)
def test_it_is_said_in_words(
    make: Factory, sign_in: SignIn, core: Core, event: tuple[What, dict[str, str]], sentence: str
) -> None:
    user, (what, detail) = make.user(), event
    row = {"user_id": user.id, "what": what.value, "happened_at": core.clock.now()}
    with core.database.work() as work:
        text = json.dumps(detail, ensure_ascii=False)
        work.execute(insert(table_of(SecurityEvent)).values(row | {"detail": text}))
    said = sign_in(user).page(URL).text
    assert sentence in said.replace("Наш офис; основание", "Основание")


def test_every_fact_that_is_written_is_said(make: Factory, sign_in: SignIn, app: Flask) -> None:
    user = make.user(language="en")
    with app.app_context(), app.extensions["tesweb"].database.work() as work:
        journal.record(work, user.id, What.SESSION_ENDED, count=2)
        journal.record(work, user.id, What.DATA_EXPORTED, kind="pdf")
        journal.record(work, user.id, What.READINGS_RELEASED, receipt=12)
    said = sign_in(user).page(URL).text
    for sentence in ("2 devices.", "PDF.", "Receipt No. 12."):
        assert sentence in said
