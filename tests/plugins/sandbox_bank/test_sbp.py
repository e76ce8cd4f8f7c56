"""SBP: the link, the page with the code, the page that plays the bank's app."""

from urllib.parse import parse_qs, urlsplit

import pytest
from tesweb_sandbox_bank.sbp import crc, is_whole

from tests.plugins.sandbox_bank.support import BACK, Body, Payer, Running, Shop

NSPK = "https://qr.nspk.ru/"
SBP: Body = {"payment_method_data": {"type": "sbp"}}
HOUR = 3600


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"{NSPK}AS100001ORTF4GAF80KPJ53K186D9A3G?type=01&bank=100000000007", "0C8A"),
        (
            f"{NSPK}AS10003P3RH0LJ2A9ROO038L6NT5RU1M?type=01&bank=000000000001&sum=10000&cur=RUB",
            "F3D0",
        ),
        (f"{NSPK}AS1A001L0PPJMNTT90MQCL98UAVS1U04?type=01&bank=100000000015", "0866"),
        ("123456789", "29B1"),
    ],
)
def test_the_check_sum_is_that_of_the_payment_system(url: str, told: str) -> None:
    assert crc(url) == told
    assert is_whole(f"{url}&crc={told}")
    assert not is_whole(f"{url}0&crc={told}")


def link_of(page: str) -> str:
    """The link of the button, which is what the picture says."""
    return page.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")


def test_a_payment_by_the_code(bank: Running, shop: Shop, payer: Payer) -> None:
    made = bank.create(**SBP)
    page = payer.open(made["confirmation"]["confirmation_url"])
    link = link_of(page.text)
    assert link.startswith(f"{bank.address}/sbp/")
    assert "nspk" not in page.text
    assert is_whole(link)
    asked = parse_qs(urlsplit(link).query)
    assert (asked["type"], asked["sum"], asked["cur"]) == (["02"], ["50000"], ["RUB"])
    picture = payer.client.get(f"/pay/{made['id']}/qr.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<?xml")
    state = f"/pay/{made['id']}/state"
    assert payer.client.get(state).json() == {"status": "pending"}
    payer.open(link)
    done = payer.submit("/pay")
    assert "Оплачено" in done.text
    assert f'href="{BACK}"' in done.text
    assert payer.client.get(state).json() == {"status": "succeeded"}
    told = bank.payment(made["id"])
    assert (told["status"], told["payment_method"]["type"]) == ("succeeded", "sbp")
    assert "card" not in told["payment_method"]
    assert shop.wait(1) == ["payment.succeeded"]


def test_a_code_for_the_shops_own_page(bank: Running, payer: Payer) -> None:
    made = bank.create(confirmation={"type": "qr"}, **SBP)
    link = made["confirmation"]["confirmation_data"]
    assert is_whole(link)
    payer.open(link)
    payer.submit("/pay")
    assert bank.payment(made["id"])["status"] == "succeeded"


def test_a_refusal_in_the_app(bank: Running, shop: Shop, payer: Payer) -> None:
    made = bank.create(**SBP)
    page = payer.open(made["confirmation"]["confirmation_url"])
    payer.open(link_of(page.text))
    assert "Не оплачено" in payer.submit("/refuse").text
    told = bank.payment(made["id"])
    assert told["cancellation_details"]["reason"] == "general_decline"
    assert shop.wait(1) == ["payment.canceled"]
    assert "Не оплачено" in payer.open(made["confirmation"]["confirmation_url"]).text


def test_a_damaged_link_pays_nothing(bank: Running, payer: Payer) -> None:
    made = bank.create(confirmation={"type": "qr"}, **SBP)
    link = made["confirmation"]["confirmation_data"]
    for wrong in (
        link.replace("sum=50000", "sum=10000"),
        link[:-4] + "0000",
        link.partition("?")[0],
    ):
        page = payer.client.get(wrong)
        assert page.status_code == 400
        assert "контрольная сумма" in page.text
        assert "csrf_token" not in page.text
    assert payer.client.get(f"{bank.address}/sbp/none").status_code == 404


def test_the_code_lives_for_an_hour(bank: Running, payer: Payer) -> None:
    made = bank.create(confirmation={"type": "qr"}, **SBP)
    page = payer.open(made["confirmation"]["confirmation_data"])
    bank.fault(forward=HOUR)
    payer.page = page
    assert "Не оплачено" in payer.submit("/pay").text
    assert bank.payment(made["id"])["status"] == "canceled"


def test_no_card_for_a_payment_by_sbp_and_the_other_way_round(bank: Running, payer: Payer) -> None:
    by_sbp, by_card = bank.create("k-1", **SBP), bank.create("k-2")
    page = payer.open(f"/pay/{by_sbp['id']}/card")
    assert "cc-number" not in page.text
    assert "qr.svg" in page.text
    assert "cc-number" in payer.open(f"/pay/{by_card['id']}/sbp").text


def test_sbp_has_one_stage_and_a_higher_limit(bank: Running) -> None:
    held = bank.create("k-1", "1000000.00", **SBP)
    assert held["status"] == "pending"
    for wrong in ({"capture": False}, {"amount": {"value": "1000000.01", "currency": "RUB"}}):
        body = {
            "amount": {"value": "500.00", "currency": "RUB"},
            "capture": True,
            "confirmation": {"type": "qr"},
            **SBP,
            **wrong,
        }
        assert bank.ask("POST", "/payments", body, key="k-2").status_code == 400
