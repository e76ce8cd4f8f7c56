"""The page for a card: what each published test card leads to, what the page says and refuses."""

import pytest
from tesweb_sandbox_bank.brands import brand_of, is_luhn
from tesweb_sandbox_bank.testcards import CARDS

from tests.plugins.sandbox_bank.support import BACK, Payer, Running, Shop

BRANDS = {"MasterCard": "Mastercard", "Visa": "Visa", "Mir": "МИР"}
GOOD = ["5555555555554444", "4111111111111111", "2202474301322987"]
WITH_CODE = ["5555555555554477", "4793128161644804", "2200000000000004"]
#: domain.md 5.9, written out a second time, each with a word of what the page says.
WORDS = {
    "3d_secure_failed": "не подтверждён кодом",
    "call_issuer": "Позвоните ему",
    "card_expired": "Срок карты истёк",
    "country_forbidden": "Карты этой страны",
    "fraud_suspected": "подозрительным",
    "general_decline": "не сообщил почему",
    "insufficient_funds": "не хватает денег",
    "invalid_card_number": "Номер карты неверный",
    "invalid_csc": "Код с обратной стороны карты неверный",
    "issuer_unavailable": "Банк карты не отвечает",
    "payment_method_limit_exceeded": "Исчерпан лимит",
    "payment_method_restricted": "Операции по этой карте запрещены",
}
DECLINED = """
3d_secure_failed payment_network 5555555555554592 4839665499603842 2200000000000012
call_issuer payment_network 5555555555554535 4926946416239025 2200000000000020
card_expired payment_network 5555555555554543 4141435412630840 2200000000000038
country_forbidden yoo_money 5555555555554584 4969751510013864 2201382000000054
fraud_suspected payment_network 5555555555554568 4483274282299972 2200000000000046
fraud_suspected yoo_money 5555555555554634 4119098878796485 2201696981989955
general_decline payment_network 5555555555554527 4889971706588753 2202202212312379
insufficient_funds payment_network 5555555555554600 4562265587712390 2200000000000053
invalid_card_number payment_network 5555555555554618 4951017853630544 2201382000000013
invalid_csc payment_network 5555555555554626 4194180666146368 2200770212727079
issuer_unavailable payment_network 5555555555554501 4654130848359150 2201382000000021
payment_method_limit_exceeded payment_network 5555555555554576 4565231022577548 2201382000000039
payment_method_restricted payment_network 5555555555554550 4233961169071671 2201382000000047
"""
TABLE = [line.split() for line in DECLINED.split("\n") if line]
DECLINES = [(row[0], row[1], number) for row in TABLE for number in row[2:]]


def test_a_payment_from_its_order_to_the_notice(bank: Running, shop: Shop, payer: Payer) -> None:
    made = bank.create()
    page = payer.open(made["confirmation"]["confirmation_url"])
    assert "500,00" in page.text
    assert 'autocomplete="cc-number"' in page.text
    answer = payer.pay("2202 4743 0132 2987")
    assert (answer.status_code, answer.headers["Location"]) == (303, BACK)
    told = bank.payment(made["id"])
    assert (told["status"], told["paid"]) == ("succeeded", True)
    assert told["payment_method"]["card"]["last4"] == "2987"
    assert shop.wait(1) == ["payment.succeeded"]
    assert shop.got[0]["object"]["id"] == made["id"]


def test_the_table_is_the_published_one() -> None:
    numbers = {*GOOD, *WITH_CODE, *(number for *_, number in DECLINES)}
    assert set(CARDS) == numbers
    assert len(numbers) == 45
    assert all(is_luhn(number) for number in numbers)


@pytest.mark.parametrize("number", GOOD)
def test_each_brand_succeeds(bank: Running, payer: Payer, number: str) -> None:
    made = bank.create()
    payer.open(made["confirmation"]["confirmation_url"])
    assert payer.pay(number).headers["Location"] == BACK
    told = bank.payment(made["id"])
    card = told["payment_method"]["card"]
    assert told["status"] == "succeeded"
    assert (card["first6"], card["last4"]) == (number[:6], number[-4:])
    assert card["card_type"] in BRANDS
    assert not {"number", "csc", "expiry_month", "expiry_year"} & set(card)
    assert payer.open(made["confirmation"]["confirmation_url"]).status_code == 200
    assert BRANDS[card["card_type"]] in payer.page.text if payer.page else False


@pytest.mark.parametrize("declined", DECLINES, ids="-".join)
def test_each_decline_is_told_in_words(
    bank: Running, shop: Shop, payer: Payer, declined: tuple[str, str, str]
) -> None:
    reason, party, number = declined
    made = bank.create()
    payer.open(made["confirmation"]["confirmation_url"])
    page = payer.pay(number)
    assert page.status_code == 200
    assert WORDS[reason] in page.text
    assert f'href="{BACK}"' in page.text
    told = bank.payment(made["id"])
    assert (told["status"], told["paid"]) == ("canceled", False)
    assert told["cancellation_details"] == {"party": party, "reason": reason}
    assert shop.wait(1) == ["payment.canceled"]


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("2199000000000000", None),
        ("2200000000000000", "Mir"),
        ("2204999999999999", "Mir"),
        ("2205000000000000", None),
        ("2220999999999999", None),
        ("2221000000000000", "MasterCard"),
        ("2720999999999999", "MasterCard"),
        ("2721000000000000", None),
        ("3999000000000000", None),
        ("4000000000000000", "Visa"),
        ("5000000000000000", None),
        ("5100000000000000", "MasterCard"),
        ("5599000000000000", "MasterCard"),
        ("5600000000000000", None),
        ("220", None),
        ("٢٢٠٠٠٠٠٠", None),
    ],
)
def test_the_brand_is_read_from_the_first_digits(number: str, brand: str | None) -> None:
    found = brand_of(number)
    assert (found.name if found else None) == brand


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"number": ""}, "Введите номер карты"),
        ({"number": "4111 1111"}, "16 цифр"),
        ({"number": "4111x11111111111"}, "16 цифр"),
        ({"number": "4111111111111112"}, "опечатка"),
        ({"number": "370000000000002"}, "Принимаем карты МИР, Visa и Mastercard"),
        ({"number": "4242424242424242"}, "только тестовые карты"),
        ({"expiry": ""}, "Месяц и год"),
        ({"expiry": "13/40"}, "Месяц и год"),
        ({"expiry": "12/99"}, "Месяц и год"),
        ({"expiry": "01/20"}, "Срок этой карты истёк"),
        ({"code": ""}, "Три цифры"),
        ({"code": "12"}, "Три цифры"),
        ({"code": "12a"}, "Три цифры"),
    ],
)
def test_a_slip_is_told_beside_its_field_and_the_payment_waits(
    bank: Running, payer: Payer, fields: dict[str, str], words: str
) -> None:
    made = bank.create()
    payer.open(made["confirmation"]["confirmation_url"])
    typed = {"number": "4111111111111111", "expiry": "12/40", "code": "987"} | fields
    page = payer.submit("/card", **typed)
    assert page.status_code == 422
    assert words in page.text
    (name,) = fields
    assert f'aria-describedby="{"" if name == "number" else f"{name}-hint "}' in page.text
    assert f'id="{name}-error"' in page.text
    assert 'value="987"' not in page.text
    assert page.text.count('aria-invalid="true"') == 1
    assert bank.payment(made["id"])["status"] == "pending"
    assert payer.pay("4111 1111 1111 1111").headers["Location"] == BACK


@pytest.mark.parametrize("expiry", ["12/40", "1240", "12 / 2040", "12.40"])
def test_the_term_is_read_as_people_write_it(bank: Running, payer: Payer, expiry: str) -> None:
    payer.open(bank.create()["confirmation"]["confirmation_url"])
    assert payer.pay(GOOD[0], expiry).headers["Location"] == BACK


def test_the_page_lists_every_test_card(bank: Running, payer: Payer) -> None:
    page = payer.open(bank.create()["confirmation"]["confirmation_url"])
    plain = page.text.replace(" ", "")
    assert [number for number in CARDS if number not in plain] == []


def test_who_refuses_goes_back_and_the_payment_is_over(
    bank: Running, shop: Shop, payer: Payer
) -> None:
    made = bank.create()
    payer.open(made["confirmation"]["confirmation_url"])
    assert payer.submit("/leave").headers["Location"] == BACK
    told = bank.payment(made["id"])
    assert told["cancellation_details"]["reason"] == "expired_on_confirmation"
    assert shop.wait(1) == ["payment.canceled"]


def test_a_second_click_pays_nothing_twice(bank: Running, shop: Shop, payer: Payer) -> None:
    made = bank.create()
    page = payer.open(made["confirmation"]["confirmation_url"])
    payer.pay(GOOD[0])
    payer.page = page
    assert "Оплачено" in payer.pay(GOOD[1]).text
    assert bank.payment(made["id"])["payment_method"]["card"]["last4"] == GOOD[0][-4:]
    assert shop.wait(1) == ["payment.succeeded"]


def test_a_form_from_elsewhere_pays_nothing(bank: Running, payer: Payer) -> None:
    made = bank.create()
    url = f"/pay/{made['id']}/card"
    card = {"number": GOOD[0], "expiry": "12/40", "code": "123"}
    payer.open(url)
    assert payer.client.post(url, data=card).status_code == 400
    assert payer.submit("/card", csrf_token="0" * 64, **card).status_code == 400
    assert bank.payment(made["id"])["status"] == "pending"


def test_the_page_allows_no_foreign_script_and_no_form_but_to_the_shop(
    bank: Running, payer: Payer
) -> None:
    page = payer.open(bank.create()["confirmation"]["confirmation_url"])
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "form-action 'self' http://localhost:9;" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert "<style" not in page.text


def test_another_name_of_the_machine_is_not_answered(bank: Running, payer: Payer) -> None:
    assert payer.client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert payer.client.get("/pay/none").status_code == 404
    assert bank.ask("GET", "/me").status_code == 200
