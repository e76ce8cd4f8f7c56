"""Who has paid is told in words."""

import json

import pytest
from sqlalchemy import select

from tests.payments.till import Till, outbox
from tesweb.messages.texts import compose


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("contact", "channel"), [("payer@example.ru", "email"), ("+79123456789", "sms")]
)
def test_the_message_names_the_number_and_the_sum(
    till: Till, language: str, contact: str, channel: str
) -> None:
    order_id = till.paid(300_00, 200_50, contact=contact, language=language)
    with till.core.database.read() as reader:
        row = reader.execute(select(outbox).where(outbox.c.template == "paid")).one()
    assert (row.channel, row.recipient) == (channel, contact)
    text = compose(row.template, row.channel, row.language, json.loads(row.payload))
    words = f"{text.subject}\n{text.body}".replace("\u00a0", " ")
    assert f"{order_id}" in words
    assert "500,50 ₽" in words
    if channel == "email":
        assert "200,50 ₽" in words
        assert "/pay/back/" in words
