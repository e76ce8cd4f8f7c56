"""3-D Secure: the code that goes to the inbox."""

import json

from tests.plugins.sandbox_bank.support import BACK, Payer, Running, Shop
from tesweb.messages.inbox import kept

CARD = "2200000000000004"
MINUTE = 60


def begun(bank: Running, payer: Payer, card: str = CARD) -> str:
    """A payment whose payer is asked for the code."""
    made = bank.create()
    payer.open(made["confirmation"]["confirmation_url"])
    page = payer.pay(card)
    assert 'autocomplete="one-time-code"' in page.text
    number: str = made["id"]
    return number


def test_the_code_of_the_message_pays(bank: Running, shop: Shop, payer: Payer) -> None:
    number = begun(bank, payer)
    assert payer.page is not None
    assert "МИР •••• 0004" in payer.page.text
    (code,) = bank.codes()
    assert code not in payer.page.text
    assert bank.payment(number)["status"] == "pending"
    assert payer.submit("/code", code=f" {code[:3]} {code[3:]} ").headers["Location"] == BACK
    assert bank.payment(number)["status"] == "succeeded"
    assert shop.wait(1) == ["payment.succeeded"]
    assert bank.bank.challenges.of(number) is None


def test_the_message_lies_in_the_demos_inbox_as_tesweb_reads_it(
    bank: Running, payer: Payer
) -> None:
    begun(bank, payer)
    (sent,) = kept(bank.folder / "inbox")
    assert (sent.channel, sent.subject) == ("sms", "")
    assert sent.recipient.startswith("+7")
    assert "500,00" in sent.text
    assert "Электроэнергия" in sent.text
    assert "Никому его не сообщайте" in sent.text


def test_the_third_wrong_code_ends_the_payment(bank: Running, shop: Shop, payer: Payer) -> None:
    number = begun(bank, payer)
    (code,) = bank.codes()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for left in (2, 1):
        page = payer.submit("/code", code=wrong)
        assert page.status_code == 422
        assert "Код не подошёл" in page.text
        assert f"осталось попыток: {left}" in page.text
    assert "не подтверждён кодом" in payer.submit("/code", code=wrong).text
    told = bank.payment(number)
    assert told["cancellation_details"] == {
        "party": "payment_network",
        "reason": "3d_secure_failed",
    }
    assert shop.wait(1) == ["payment.canceled"]


def test_a_code_is_good_for_five_minutes_and_another_is_sent(bank: Running, payer: Payer) -> None:
    number = begun(bank, payer)
    (old,) = bank.codes()
    bank.fault(forward=5 * MINUTE + 1)
    page = payer.submit("/code", code=old)
    assert page.status_code == 422
    assert "Пять минут прошли" in page.text
    assert bank.payment(number)["status"] == "pending"
    payer.submit("/code/again")
    codes = bank.codes()
    assert len(codes) == 2
    new = codes[-1]
    assert payer.submit("/code", code=new).headers["Location"] == BACK


def test_the_old_code_is_no_longer_good_and_messages_come_to_an_end(
    bank: Running, payer: Payer
) -> None:
    begun(bank, payer)
    (old,) = bank.codes()
    for _ in range(4):
        payer.submit("/code/again")
    assert len(bank.codes()) == 5
    assert "Больше сообщений не высылаем" in payer.submit("/code/again").text
    assert len(bank.codes()) == 5
    last = bank.codes()[-1]
    if last != old:
        assert payer.submit("/code", code=old).status_code == 422
    assert payer.submit("/code", code=last).headers["Location"] == BACK


def test_another_card_may_be_typed_instead(bank: Running, payer: Payer) -> None:
    number = begun(bank, payer)
    payer.open(f"/pay/{number}/card")
    assert payer.pay("4111111111111111").headers["Location"] == BACK
    assert bank.payment(number)["payment_method"]["card"]["last4"] == "1111"


def test_who_gives_up_at_the_code_has_paid_nothing(bank: Running, payer: Payer) -> None:
    number = begun(bank, payer, "5555555555554477")
    assert payer.submit("/leave").headers["Location"] == BACK
    assert bank.payment(number)["status"] == "canceled"
    assert bank.bank.challenges.of(number) is None


def test_a_held_payment_wants_the_code_too(bank: Running, payer: Payer) -> None:
    made = bank.create(capture=False)
    payer.open(made["confirmation"]["confirmation_url"])
    payer.pay("4793128161644804")
    payer.submit("/code", code=bank.codes()[0])
    assert bank.payment(made["id"])["status"] == "waiting_for_capture"


def test_a_code_that_nobody_waits_for(bank: Running, payer: Payer) -> None:
    made = bank.create()
    page = payer.open(f"/pay/{made['id']}/code")
    assert 'autocomplete="cc-number"' in page.text
    assert payer.submit("/card", number="", expiry="", code="").status_code == 422
    files = list((bank.folder / "inbox").glob("*")) if (bank.folder / "inbox").exists() else []
    assert [json.loads(file.read_text()) for file in files] == []
