"""A refund about which the bank has said nothing for a week: an operator's two ways on."""

import pytest

from tests.cashier.conftest import STRONG
from tests.cashier.test_desk import GROUND, SignIn, detail, journal, look, words
from tests.payments.test_refunds import states
from tests.payments.till import Till
from tesweb.accounts.models import Role
from tesweb.money import Kopecks
from tesweb.payments import janitor, refunds
from tesweb.payments.refunds import NotOverpaid
from tesweb.testing.bank import Fault
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory

PAGE = "/operator/money/refunds/1"


def weeks(till: Till) -> None:
    till.later(seconds=10)
    janitor.sweep()
    for _ in range(20):
        till.later(days=1)
        janitor.sweep()


@pytest.fixture
def stuck(make: Factory, till: Till) -> Till:
    """A refund of 500 ₽ that never reached the bank, which was down for a week."""
    user = make.user("anna", email="anna@example.org")
    make.link(user, till.accounts[0].id, Role.PAYER)
    till.paid(1_500_00)
    refunds.approve(refunds.ask(user.id, till.accounts[0].id, Kopecks(500_00), "x"), None)
    till.bank.is_down = True
    weeks(till)
    assert states(till) == ["unknown"]
    assert till.alarms() == {"unclear"}
    return till


@pytest.fixture
def desk(make: Factory, sign_in: SignIn, stuck: Till) -> Client:
    """An operator who comes to it after that week."""
    del stuck
    return sign_in(make.user("oleg", is_operator=True), STRONG)


def test_it_is_told_on_its_page_and_holds_the_money(stuck: Till, desk: Client) -> None:
    assert "Банк неделю не отвечает" in look(desk, PAGE)
    with pytest.raises(NotOverpaid):
        refunds.ask(stuck.user.id, stuck.accounts[0].id, Kopecks(1), "x")


def test_the_bank_is_asked_again_when_an_operator_says_so(
    make: Factory, till: Till, sign_in: SignIn
) -> None:
    """The bank had done it, and every answer of a week was lost."""
    user = make.user("anna", email="anna@example.org")
    make.link(user, till.accounts[0].id, Role.PAYER)
    till.paid(1_500_00)
    refunds.approve(refunds.ask(user.id, till.accounts[0].id, Kopecks(500_00), "x"), None)
    till.bank.faults = [Fault.DEAF]
    till.later(seconds=1)
    refunds.carry(1)
    till.bank.is_down = True
    weeks(till)
    till.bank.is_down = False
    weeks(till)
    assert states(till) == ["unknown"]
    desk = sign_in(make.user("oleg", is_operator=True), STRONG)
    look(desk, PAGE)
    assert desk.submit(PAGE, f"{PAGE}/again", {}).location == PAGE
    janitor.sweep()
    assert states(till) == ["done"]
    assert till.balance() == 0
    assert till.bank.returned("sale-1") == 500_00
    assert journal(till) == [("refund_decided", "refund 1, 500,00 ₽: asked about again")]


def test_it_ends_when_the_bank_says_that_nothing_went_back(stuck: Till, desk: Client) -> None:
    look(desk, PAGE)
    stuck.bank.is_down = False
    assert desk.submit(PAGE, f"{PAGE}/undone", {"answer": ""}).status_code == 422
    assert desk.submit(PAGE, f"{PAGE}/undone", {"answer": GROUND}).location == PAGE
    assert states(stuck) == ["refused"]
    assert "вернуть" in words(desk, PAGE) or "верните" in words(desk, PAGE).lower()
    assert journal(stuck) == [("refund_decided", "refund 1, 500,00 ₽: the bank has not done it")]
    assert detail(stuck)["ground"] == GROUND
    again = refunds.ask(stuck.user.id, stuck.accounts[0].id, Kopecks(500_00), "x")
    refunds.approve(again, None)
    stuck.sweep()
    assert states(stuck) == ["refused", "done"]
    assert stuck.bank.returned("sale-1") == 500_00
    assert stuck.balance() == 0


def test_a_silent_bank_lets_nothing_go(stuck: Till, desk: Client) -> None:
    look(desk, PAGE)
    answer = desk.submit(PAGE, f"{PAGE}/undone", {"answer": GROUND})
    assert answer.status_code == 422
    assert "Банк сейчас не отвечает" in answer.text
    assert states(stuck) == ["unknown"]


def test_what_the_bank_has_done_is_not_let_go_but_booked(stuck: Till, desk: Client) -> None:
    look(desk, PAGE)
    stuck.bank.is_down = False
    stuck.bank.of("sale-1").refunded = Kopecks(500_00)
    assert desk.submit(PAGE, f"{PAGE}/undone", {"answer": GROUND}).location == PAGE
    janitor.sweep()
    assert states(stuck) == ["done"]
    assert stuck.balance() == 0


def test_without_its_gateway_the_operator_alone_says_so(stuck: Till, desk: Client) -> None:
    look(desk, PAGE)
    teller = stuck.core.gateways.pop("memory")
    assert desk.submit(PAGE, f"{PAGE}/undone", {"answer": GROUND}).location == PAGE
    assert states(stuck) == ["refused"]
    stuck.core.gateways["memory"] = teller


@pytest.mark.parametrize("act", ["again", "undone"])
def test_a_refund_that_goes_its_way_is_nobody_s_to_end(
    make: Factory, till: Till, sign_in: SignIn, act: str
) -> None:
    desk = sign_in(make.user("oleg", is_operator=True), STRONG)
    till.paid(1_500_00)
    refunds.approve(refunds.ask(till.user.id, till.accounts[0].id, Kopecks(500_00), "x"), None)
    till.bank.is_down = True
    page = desk.page("/operator/money/refunds")
    token = next(form for form in page.forms if "csrf_token" in form.fields).fields["csrf_token"]
    sent = {"answer": GROUND, "csrf_token": token}
    assert desk.post(f"{PAGE}/{act}", data=sent).location == PAGE
    assert states(till) == ["submitting"]
    assert journal(till) == []
    till.bank.is_down = False
