"""A credit that was wrong is put to another account or taken back; the books agree always."""

from collections.abc import Callable

import pytest

from tests.cashier.conftest import DAY, STRONG
from tests.cashier.test_desk import (
    GROUND,
    assign,
    item_of,
    journal,
    letters,
    look,
    odd,
    stray,
    words,
)
from tests.payments.test_refunds import ask
from tests.payments.till import Till
from tesweb.accounts.models import Role
from tesweb.cashier import services
from tesweb.money import Kopecks
from tesweb.payments import refunds
from tesweb.payments.refunds import NoSource
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory

__all__ = ["odd", "stray"]

SignIn = Callable[..., Client]


def credit(desk: Client, page: str) -> str:
    """The address of the one credit that a page leads to."""
    found = {link for link in desk.page(page).links if "/credits/" in link}
    assert len(found) == 1, found
    return found.pop()


def credit_of(desk: Client, order_id: int = 1) -> str:
    story = f"/operator/money/orders/{order_id}"
    look(desk, story)
    return credit(desk, story)


def move(desk: Client, page: str, number: str, **more: str) -> str:
    """Put it to the account of that number, and what the page says then."""
    look(desk, page)
    address = f"{page}?account={number}&region=tyumen"
    look(desk, address)
    sent = desk.submit(address, f"{page}/move", {"answer": GROUND} | more)
    assert sent.status_code == 303, sent.text
    return words(desk, str(sent.location))


def test_a_payment_for_a_wrong_account_is_put_to_the_right_one(
    till: Till, desk: Client, sign_in: SignIn
) -> None:
    till.paid(500_00)
    page = credit_of(desk)
    shown = move(desk, page, till.accounts[1].number)
    assert "деньги на другом лицевом счёте" in shown
    assert (till.balance(0), till.balance(1)) == (1_000_00, 500_00)
    assert till.book("clearing:memory") == 500_00
    assert journal(till)[-1] == ("credit_corrected", "transaction 1, 500,00 ₽")
    (letter,) = letters(till, "corrected")
    assert "500,00 ₽ зачислены на лицевой счёт" in letter
    payer = sign_in(till.user)
    paid = words(payer, "/pay/orders/1")
    assert "Мы исправили зачисление" in paid
    assert "Спасибо" not in paid
    credits_ = words(payer, f"/pay/{till.accounts[0].id}/credits")
    assert "Банк в памяти 500,00 ₽" in credits_
    assert "Банк в памяти возврат или исправление −500,00 ₽" in credits_


def test_one_share_of_two_is_put_elsewhere(till: Till, desk: Client) -> None:
    till.paid(300_00, 200_00)
    page = credit_of(desk)
    move(desk, page, till.accounts[1].number, **{"from": str(till.accounts[0].id)})
    assert (till.balance(0), till.balance(1)) == (1_000_00, 500_00)


def test_what_was_put_elsewhere_is_put_back_by_its_own_entry(till: Till, desk: Client) -> None:
    till.paid(500_00)
    page = credit_of(desk)
    move(desk, page, till.accounts[1].number)
    later = [link for link in desk.page("/operator/money/orders/1").links if "/credits/" in link]
    (second,) = set(later) - {page}
    move(desk, second, till.accounts[0].number)
    assert (till.balance(0), till.balance(1)) == (500_00, 1_000_00)
    assert len(letters(till, "corrected")) == 2


def test_money_that_never_came_is_taken_back_and_put_again_when_it_did(
    till: Till, desk: Client
) -> None:
    till.paid(500_00)
    page = credit_of(desk)
    look(desk, page)
    assert desk.submit(page, f"{page}/back", {"answer": ""}).status_code == 422
    assert till.balance() == 500_00
    assert desk.submit(page, f"{page}/back", {"answer": GROUND}).location == f"{page}?done=1"
    assert till.balance() == 1_000_00
    assert till.book("clearing:memory") == 0
    assert "Эта проводка отменена" in words(desk, page)
    (letter,) = letters(till, "corrected")
    assert "к нам не поступили" in letter
    found = services.reconcile("memory", DAY)
    assert (found.ours_only, found.waiting) == ([], [])
    move(desk, page, till.accounts[0].number)
    assert till.balance() == 500_00
    assert till.book("clearing:memory") == 500_00


def test_a_line_that_was_put_to_a_wrong_account_is_corrected(stray: Till, desk: Client) -> None:
    assign(desk, stray, item_of(desk))
    page = credit(desk, "/operator/money/suspense")
    assert "Деньги не поступили" not in look(desk, page)
    move(desk, page, stray.accounts[1].number)
    assert (stray.balance(0), stray.balance(1)) == (1_000_00, 1_000_00 - 77_00)
    assert stray.book("suspense") == 0
    assert "Невыясненных сумм нет" in words(desk, "/operator/money/suspense")


def test_money_of_another_sum_that_was_put_to_a_wrong_account_is_corrected(
    odd: Till, desk: Client
) -> None:
    assign(desk, odd, item_of(desk))
    move(desk, credit_of(desk), odd.accounts[1].number)
    assert (odd.balance(0), odd.balance(1)) == (1_000_00, 600_00)
    assert odd.book("suspense") == 0


def test_a_correction_is_made_once(till: Till, desk: Client) -> None:
    """Two tabs: the second one is told, and nothing moves again."""
    till.paid(500_00)
    page = credit_of(desk)
    look(desk, page)
    address = f"{page}?account={till.accounts[1].number}&region=tyumen"
    look(desk, address)
    form = desk.page(address).form(f"{page}/move").fields | {"answer": GROUND}
    back = desk.page(page).form(f"{page}/back").fields | {"answer": GROUND}
    assert desk.post(f"{page}/move", data=form, headers=SAME_ORIGIN).status_code == 303
    assert desk.post(f"{page}/move", data=form, headers=SAME_ORIGIN).status_code == 422
    assert desk.post(f"{page}/back", data=back, headers=SAME_ORIGIN).status_code == 422
    assert (till.balance(0), till.balance(1)) == (1_000_00, 500_00)
    assert len(letters(till, "corrected")) == 1


def test_what_has_gone_back_in_part_is_not_corrected(till: Till, desk: Client) -> None:
    till.paid(1_500_00)
    refunds.approve(ask(till), None)
    page = credit_of(desk)
    look(desk, page)
    for _ in ("on its way", "gone back"):
        sent = desk.submit(page, f"{page}/back", {"answer": GROUND})
        assert sent.status_code == 422
        assert "уже вернулась плательщику или возвращается" in words_of(sent.text)
        till.sweep()
    assert till.balance() == 0


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_what_was_corrected_is_not_given_back_through_the_bank(till: Till, desk: Client) -> None:
    till.paid(1_500_00)
    move(desk, credit_of(desk), till.accounts[1].number)
    request = refunds.ask(till.user.id, till.accounts[1].id, Kopecks(500_00), "x")
    with pytest.raises(NoSource):
        refunds.approve(request, None)


def test_money_that_goes_back_after_its_credit_was_taken_back_is_for_a_person(
    till: Till, desk: Client
) -> None:
    order_id = till.paid(500_00)
    page = credit_of(desk)
    look(desk, page)
    desk.submit(page, f"{page}/back", {"answer": GROUND})
    till.bank.of("sale-1").refunded = Kopecks(500_00)
    till.look(order_id)
    assert till.balance() == 1_000_00
    assert till.book("suspense") == 500_00


@pytest.mark.parametrize("number", ["2", "404", "99999999999999999999"])
def test_what_is_no_credit_has_no_page(stray: Till, desk: Client, number: str) -> None:
    """Of a line that waits in suspense, of nothing, of no number of ours."""
    assert stray.balance() == 1_000_00
    assert desk.get(f"/operator/money/credits/{number}").status_code == 404


def test_nobody_puts_money_to_an_account_of_their_own(
    stray: Till, make: Factory, sign_in: SignIn
) -> None:
    """Neither out of suspense nor from another account."""
    operator = make.user("petr", is_operator=True)
    mine = stray.accounts[1]
    make.link(operator, mine.id, Role.READER)
    desk = sign_in(operator, STRONG)
    stray.paid(500_00)
    for page in (f"/operator/money/suspense/{item_of(desk)}", credit_of(desk)):
        look(desk, page)
        sent = desk.get(f"{page}?account={mine.number}&region=tyumen")
        assert sent.status_code == 422
        assert "Это ваш собственный лицевой счёт" in sent.text
        form = desk.page(page).forms[0].fields | {"answer": GROUND, "account": mine.number}
        act = "assign" if "suspense" in page else "move"
        assert desk.post(f"{page}/{act}", data=form, headers=SAME_ORIGIN).status_code == 422
    assert stray.balance(1) == 1_000_00


def test_the_account_that_has_the_money_is_told(till: Till, desk: Client) -> None:
    till.paid(500_00)
    page = credit_of(desk)
    look(desk, page)
    sent = desk.get(f"{page}?account={till.accounts[0].number}&region=tyumen")
    assert sent.status_code == 422
    assert "уже на этом лицевом счёте" in sent.text


def test_an_account_that_nobody_has_is_told(till: Till, desk: Client) -> None:
    till.paid(500_00)
    page = credit_of(desk)
    look(desk, page)
    sent = desk.get(f"{page}?account=720499999999&region=tyumen")
    assert sent.status_code == 422
    assert "Сверьте цифры" in sent.text


def test_a_decided_sum_is_what_the_order_should_have_brought(odd: Till, desk: Client) -> None:
    services.fetch_register("memory", DAY)
    assert [(it.ours, it.line.amount) for it in services.reconcile("memory", DAY).differ] == [
        (500_00, 400_00)
    ]
    assign(desk, odd, item_of(desk))
    found = services.reconcile("memory", DAY)
    assert ([line.amount for line in found.agreed], found.differences) == ([400_00], 0)


def test_a_sum_that_is_sent_back_stands_in_its_payer_s_history(
    odd: Till, desk: Client, sign_in: SignIn
) -> None:
    page = f"/operator/money/suspense/{item_of(desk)}"
    look(desk, page)
    assert desk.submit(page, f"{page}/back", {"answer": GROUND}).status_code == 303
    history = words(sign_in(odd.user), "/pay/history")
    assert "Возврат денег" in history
    assert "400,00 ₽" in history
