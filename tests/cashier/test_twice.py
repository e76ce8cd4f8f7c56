"""Money that an operator has put to an account is credited by nothing else."""

import pytest

from tests.cashier.conftest import DAY
from tests.cashier.test_desk import GROUND, assign, item_of, letters, look, words
from tests.payments.till import Till
from tesweb.cashier import acts
from tesweb.cashier.services import fetch_register, read_in, reconcile
from tesweb.money import Kopecks
from tesweb.payments.models import State
from tesweb.payments.protocol import Settled
from tesweb.testing.bank import Fault
from tesweb.testing.client import Client

SUSPENSE = "/operator/money/suspense"


def line(till: Till, amount: int = 500_00) -> Settled:
    return Settled("sale-1", None, Kopecks(amount), Kopecks(0), till.clock.now())


@pytest.fixture
def unclear(till: Till) -> int:
    """An order of 500 ₽ whose number the bank has not told, paid; the register has it."""
    till.bank.faults = [Fault.DEAF]
    order_id = till.start(500_00)
    till.bank.pay(till.reference(order_id))
    till.bank.is_down = True
    read_in("memory", DAY, [line(till)])
    return order_id


def answer(till: Till, order_id: int) -> State:
    """The bank answers again, minutes later."""
    till.bank.is_down = False
    till.later(minutes=5)
    till.look(order_id)
    return till.look(order_id)


def test_a_line_that_was_put_to_an_account_is_not_credited_again_by_its_order(
    till: Till, unclear: int, desk: Client
) -> None:
    assign(desk, till, item_of(desk))
    assert answer(till, unclear) is State.MISMATCHED
    assert (till.credited(), till.balance()) == ([500_00], 500_00)
    assert till.alarms() == {"by_hand"}
    assert till.book("suspense") == -500_00
    assert "Уже зачислено вручную" in words(desk, "/operator/money/alarms")
    till.check()


def test_an_operator_says_that_both_are_the_same_money(
    till: Till, unclear: int, desk: Client
) -> None:
    assign(desk, till, item_of(desk))
    answer(till, unclear)
    page = f"{SUSPENSE}/{item_of(desk)}"
    shown = words(desk, page)
    assert "уже зачислена на лицевой счёт" in shown
    assert [form.action for form in desk.page(page).forms if "/back" in form.action] == []
    assert desk.submit(page, f"{page}/same", {"answer": ""}).status_code == 422
    assert desk.submit(page, f"{page}/same", {"answer": GROUND}).location == f"{SUSPENSE}?done=1"
    assert (till.book("suspense"), till.book("clearing:memory")) == (0, 0)
    assert (till.credited(), till.balance()) == ([500_00], 500_00)
    assert reconcile("memory", DAY).differences == 0
    assert desk.get(page).status_code == 404
    till.check()


def test_a_line_whose_order_is_known_meanwhile_is_put_to_no_account(
    till: Till, unclear: int, desk: Client
) -> None:
    item = item_of(desk)
    assert answer(till, unclear) is State.SUCCEEDED
    page = f"{SUSPENSE}/{item}"
    address = f"{page}?account={till.accounts[0].number}&region=tyumen"
    look(desk, address)
    refused = desk.submit(address, f"{page}/assign", {"answer": GROUND})
    assert refused.status_code == 422
    assert f"Это деньги платежа № {unclear}" in refused.text
    assert till.credited() == [500_00]
    fetch_register("memory", DAY)
    assert till.book("suspense") == 0
    with till.core.database.read() as reader:
        assert acts.suspended(reader) == []


def test_the_page_warns_of_an_order_that_may_be_the_line_s(
    till: Till, unclear: int, desk: Client
) -> None:
    page = f"{SUSPENSE}/{item_of(desk)}"
    warning = f"Платёж № {unclear} на ту же сумму"
    addresses = [f"{page}?account={each.number}&region=tyumen" for each in till.accounts[:2]]
    assert warning in look(desk, addresses[0])
    assert warning not in look(desk, addresses[1])


def test_an_order_of_another_sum_is_no_reason_to_warn(
    till: Till, unclear: int, desk: Client
) -> None:
    read_in("memory", DAY, [Settled("sale-9", None, Kopecks(77_00), Kopecks(0), till.clock.now())])
    listed = desk.get(SUSPENSE).text
    page = f"{SUSPENSE}/{listed.rpartition(f'{SUSPENSE}/')[2].partition(chr(34))[0]}"
    address = f"{page}?account={till.accounts[0].number}&region=tyumen"
    assert f"№ {unclear}" not in look(desk, address)


def test_money_that_went_back_is_taken_from_an_account_without_a_letter(
    till: Till, desk: Client
) -> None:
    order_id = till.paid(500_00, 300_00)
    till.bank.of("sale-1").refunded = Kopecks(200_00)
    till.look(order_id)
    page = f"{SUSPENSE}/{item_of(desk)}"
    address = f"{page}?account={till.accounts[1].number}&region=tyumen"
    assert "Снять с лицевого счёта" in look(desk, address)
    before = till.balance(1)
    assert assign(desk, till, item_of(desk), account=1) == f"{SUSPENSE}?done=1"
    assert till.balance(1) == before + 200_00
    assert till.book("suspense") == 0
    assert letters(till, "assigned") == []
    till.check()
