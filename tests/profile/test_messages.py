"""What the letters and text messages of the profile say."""

import pytest
from flask import Flask

from tesweb.messages.texts import compose

VALUES = {"name": "Анна", "path": "/profile/contacts/email/link?key=abc", "code": "012345"}


def test_the_letter_leads_to_the_button(app: Flask) -> None:
    with app.app_context():
        text = compose("email_change", "email", "ru", VALUES)
    assert text.subject == "Подтвердите новую электронную почту"
    assert VALUES["path"] in text.body
    assert "Анна" in text.body


def test_the_code_is_filled_in_by_the_phone_itself(app: Flask) -> None:
    with app.app_context():
        text = compose("sms_change", "sms", "ru", VALUES).body
    assert text.startswith("Код 012345")
    assert "Никому" in text
    assert text.splitlines()[-1] == "@localhost #012345"


@pytest.mark.parametrize("template", ["email_taken", "deleted"])
def test_the_other_letters_hold_no_secret(app: Flask, template: str) -> None:
    with app.app_context():
        text = compose(template, "email", "ru", VALUES)
    assert text.subject
    assert "key=" not in text.body
    assert "012345" not in text.body
