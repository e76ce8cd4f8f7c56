"""What operators decide about money: alarms, suspense, refunds; each act in their journal."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.cashier.conftest import DAY, STRONG
from tests.payments.test_refunds import states
from tests.payments.till import Till, outbox
from tesweb.accounts.models import Role
from tesweb.cashier.services import read_in
from tesweb.database.naming import table_of
from tesweb.journal.models import SecurityEvent
from tesweb.messages.texts import compose
from tesweb.money import Kopecks
from tesweb.payments import refunds
from tesweb.payments.models import State
from tesweb.payments.protocol import Settled
from tesweb.testing.bank import BankGateway
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory

SignIn = Callable[..., Client]
READ = "/operator/money/reconcile/read"
GROUND = "чек показан в офисе, заявление 15"


def journal(till: Till) -> list[tuple[str, str]]:
    events = table_of(SecurityEvent)
    money = (
        "alarm_closed",
        "suspense_decided",
        "refund_decided",
        "register_read",
        "credit_corrected",
    )
    with till.core.database.read() as reader:
        asked = select(events).where(events.c.what.in_(money)).order_by(events.c.id)
        rows = reader.execute(asked).all()
    return [(row.what, json.loads(row.detail)["about"].replace("\u00a0", " ")) for row in rows]


def detail(till: Till) -> dict[str, str]:
    """What the journal has kept of the last act."""
    events = table_of(SecurityEvent)
    with till.core.database.read() as reader:
        asked = select(events.c.detail).order_by(events.c.id.desc()).limit(1)
        found: dict[str, str] = json.loads(reader.execute(asked).scalar_one())
    return found


def letters(till: Till, template: str = "refund") -> list[str]:
    with till.core.database.read() as reader:
        asked = select(outbox).where(outbox.c.template == template).order_by(outbox.c.id)
        rows = reader.execute(asked).all()
    texts = (compose(r.template, r.channel, r.language, json.loads(r.payload)) for r in rows)
    return [f"{text.subject}\n{text.body}".replace("\u00a0", " ") for text in texts]


def words(browser: Client, url: str) -> str:
    # The kopecks of a sum stand in an element of their own.
    return browser.page(url).text.replace("\u00a0", " ").replace(" ,", ",")


def look(browser: Client, url: str) -> str:
    """The page, once the look at it has been written down."""
    if "/operator/money/look" in {form.action for form in browser.page(url).forms}:
        assert browser.submit(url, "/operator/money/look", {}).location == url
    return words(browser, url)


@pytest.fixture
def odd(till: Till) -> Till:
    """The bank has taken 400 ₽ for an order of 500 ₽."""
    order_id = till.start(500_00)
    till.bank.pay("sale-1", Kopecks(400_00))
    assert till.look(order_id) is State.MISMATCHED
    return till


@pytest.fixture
def stray(till: Till) -> Till:
    """The bank's register has 77 ₽ of no order."""
    line = Settled("sale-99", uuid4(), Kopecks(77_00), Kopecks(0), till.clock.now())
    read_in("memory", DAY, [line])
    return till


@pytest.fixture
def asked(make: Factory, till: Till) -> Till:
    """500 ₽ that were paid too much are asked back by somebody with an address."""
    user = make.user("anna", email="anna@example.org")
    make.link(user, till.accounts[0].id, Role.PAYER)
    till.paid(1_500_00)
    refunds.ask(user.id, till.accounts[0].id, Kopecks(500_00), "moved в Омск")
    return till


def test_the_way_to_the_desk_and_what_waits_there(odd: Till, desk: Client) -> None:
    assert "/operator/money" in desk.get("/operator").text
    page = words(desk, "/operator/money")
    assert "открыто: 1" in page
    assert "сумм без хозяина: 1" in page
    assert "ждут решения: 0" in page
    assert odd.accounts[0].number not in page


def test_an_alarm_says_what_it_means_and_is_closed_with_an_answer(odd: Till, desk: Client) -> None:
    assert "Другая сумма или валюта" in words(desk, "/operator/money/alarms")
    page = "/operator/money/alarms/1"
    assert "не ту сумму, что в заказе" in words(desk, page)
    wrong = desk.submit(page, page, {"answer": "ок"})
    assert wrong.status_code == 422
    assert "Напишите в двух словах" in wrong.text
    assert desk.submit(page, page, {"answer": "Банк списал меньше, вернули"}).location == page
    shown = words(desk, page)
    assert "Банк списал меньше, вернули" in shown
    assert "Закрыт" in shown
    listed = words(desk, "/operator/money/alarms")
    assert "Открытых сигналов нет" in listed
    assert "Банк списал меньше, вернули" in listed
    assert journal(odd) == [("alarm_closed", "alarm 1")]


def test_an_alarm_is_closed_once(odd: Till, desk: Client) -> None:
    page = "/operator/money/alarms/1"
    form = desk.page(page).form(page)
    for answer in ("первый ответ", "второй ответ"):
        desk.post(page, data=form.fields | {"answer": answer}, headers=SAME_ORIGIN)
    assert "первый ответ" in words(desk, page)
    assert len(journal(odd)) == 1


def assign(browser: Client, till: Till, item: str, account: int = 0) -> str:
    page = f"/operator/money/suspense/{item}"
    number = till.accounts[account].number
    address = f"{page}?account={number}&region=tyumen"
    look(browser, address)
    answer = browser.submit(address, f"{page}/assign", {"answer": GROUND})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def item_of(browser: Client) -> str:
    text = browser.get("/operator/money/suspense").text
    return text.partition("/operator/money/suspense/")[2].partition('"')[0]


def test_money_of_no_order_is_put_to_the_account_it_belongs_to(stray: Till, desk: Client) -> None:
    assert "sale-99" in words(desk, "/operator/money/suspense")
    item = item_of(desk)
    assert assign(desk, stray, item) == "/operator/money/suspense?done=1"
    assert stray.balance() == 1_000_00 - 77_00
    assert stray.book("suspense") == 0
    assert "Невыясненных сумм нет" in words(desk, "/operator/money/suspense")
    assert journal(stray) == [("suspense_decided", "line 1, 77,00 ₽")]
    assert detail(stray)["account"] == "…" + stray.accounts[0].number[-4:]
    assert desk.get(f"/operator/money/suspense/{item}").status_code == 404


def test_the_address_is_shown_before_money_is_put_to_an_account(stray: Till, desk: Client) -> None:
    page = f"/operator/money/suspense/{item_of(desk)}"
    address = f"{page}?account={stray.accounts[0].number}&region=tyumen"
    before = words(desk, address)
    assert "записывается" in before or "Открыть страницу" in before
    assert "г. Тюмень" not in before
    assert "г. Тюмень" in look(desk, address)
    assert stray.balance() == 1_000_00
    unknown = desk.get(f"{page}?account=720499999999&region=tyumen")
    assert unknown.status_code == 422
    assert "Сверьте цифры" in unknown.text
    short = desk.submit(address, f"{page}/assign", {"answer": ""})
    assert short.status_code == 422
    assert stray.balance() == 1_000_00


def test_a_sum_that_is_not_the_order_s_is_put_to_an_account(
    odd: Till, desk: Client, sign_in: SignIn
) -> None:
    assign(desk, odd, item_of(desk), account=1)
    assert (odd.balance(0), odd.balance(1)) == (1_000_00, 600_00)
    assert odd.book("suspense") == 0
    [letter] = letters(odd, "assigned")
    assert "400,00 ₽ зачислены на лицевой счёт" in letter
    assert "Мы разобрались" in words(sign_in(odd.user), "/pay/orders/1")


def test_a_sum_that_is_not_the_order_s_goes_back_to_the_payer(odd: Till, desk: Client) -> None:
    page = f"/operator/money/suspense/{item_of(desk)}"
    answer = desk.submit(page, f"{page}/back", {"answer": GROUND})
    assert answer.location == "/operator/money/refunds/1"
    again = desk.post(
        f"{page}/back", data=desk.page(page).form(f"{page}/back").fields | {"answer": GROUND}
    )
    assert again.status_code == 422
    odd.sweep()
    assert states(odd) == ["done"]
    assert odd.bank.of("sale-1").refunded == 400_00
    assert odd.book("suspense") == 0
    assert odd.balance() == 1_000_00
    assert odd.alarms() == {"amount"}


def test_money_on_its_way_back_is_put_to_no_account(odd: Till, desk: Client) -> None:
    item = item_of(desk)
    page = f"/operator/money/suspense/{item}"
    address = f"{page}?account={odd.accounts[0].number}&region=tyumen"
    look(desk, address)
    desk.submit(page, f"{page}/back", {"answer": GROUND})
    answer = desk.submit(address, f"{page}/assign", {"answer": GROUND})
    assert answer.status_code == 422
    assert "уже возвращаются" in answer.text
    assert odd.balance() == 1_000_00


def test_a_refund_is_approved_and_told_until_it_arrives(asked: Till, desk: Client) -> None:
    assert "№ 1" in words(desk, "/operator/money/refunds")
    page = "/operator/money/refunds/1"
    shown = look(desk, page)
    assert "Переезд: в Омск" in shown
    assert "Переплата сейчас" in shown
    assert desk.submit(page, f"{page}/approve", {}).location == page
    assert "деньги в пути" in words(desk, page) or "возвращаются" in words(desk, page)
    asked.sweep()
    assert states(asked) == ["done"]
    assert asked.balance() == 0
    assert "возвращ" in words(desk, page)
    assert journal(asked) == [("refund_decided", "refund 1, 500,00 ₽: approved")]
    first, second = letters(asked)
    assert "заявка № 1 одобрена" in first
    assert "Деньги возвращены: 500,00 ₽" in second


def test_a_refund_is_declined_with_the_reason_that_the_resident_reads(
    asked: Till, desk: Client
) -> None:
    page = "/operator/money/refunds/1"
    look(desk, page)
    assert desk.submit(page, f"{page}/decline", {"answer": ""}).status_code == 422
    assert states(asked) == ["asked"]
    answer = "Долг по второму лицевому счёту: приходите в офис"
    assert desk.submit(page, f"{page}/decline", {"answer": answer}).location == page
    assert states(asked) == ["declined"]
    assert answer in words(desk, page)
    [letter] = letters(asked)
    assert answer in letter
    assert journal(asked) == [("refund_decided", "refund 1: declined")]


def test_a_balance_that_has_changed_keeps_the_money(
    asked: Till, desk: Client, make: Factory
) -> None:
    make.charge(asked.accounts[0], DAY.replace(day=1), 300_00)
    page = "/operator/money/refunds/1"
    look(desk, page)
    answer = desk.submit(page, f"{page}/approve", {})
    assert answer.status_code == 422
    assert "переплата только 200" in answer.text.replace("\u00a0", " ")
    assert states(asked) == ["asked"]


def test_nobody_decides_about_a_refund_of_their_own(
    till: Till, make: Factory, sign_in: SignIn
) -> None:
    clerk = make.user("clerk", is_operator=True)
    make.link(clerk, till.accounts[0].id, Role.PAYER)
    till.paid(1_500_00)
    refunds.ask(clerk.id, till.accounts[0].id, Kopecks(500_00), "")
    browser = sign_in(clerk, STRONG)
    page = "/operator/money/refunds/1"
    assert "ваш коллега" in look(browser, page)
    assert [form for form in browser.page(page).forms if page in form.action] == []
    fields = browser.page("/profile/contacts").forms[0].fields
    for act in ("approve", "decline"):
        sent = fields | {"answer": "причина есть"}
        assert browser.post(f"{page}/{act}", data=sent, headers=SAME_ORIGIN).status_code == 403
    assert states(till) == ["asked"]


def test_an_order_is_found_by_each_of_its_numbers(till: Till, desk: Client) -> None:
    order_id = till.paid(1_500_00)
    find = "/operator/money/find"
    story = f"/operator/money/orders/{order_id}"
    for number in (str(order_id), f"№ {order_id}", "sale-1", f"tesweb-{order_id}"):
        assert desk.get(find, query_string={"order": number}).location == story
    number = till.accounts[0].number
    place = desk.get(find, query_string={"order": number, "region": "tyumen"}).location
    assert place == f"/operator/money/accounts/tyumen/{number}"
    assert f"№ {order_id}" in look(desk, place)
    for nothing in ("", "sale-77", "77", "9" * 40, "'--"):
        assert desk.get(find, query_string={"order": nothing}).status_code == 422


def test_the_story_of_an_order_has_all_that_happened(till: Till, desk: Client) -> None:
    order_id = till.paid(1_500_00)
    notice = till.bank.notification("sale-1")
    with desk.application.app_context():
        from_bank = desk.post("/pay/memory/notify", data=notice.body, headers=dict(notice.headers))
    assert from_bank.status_code == 200
    read_in("memory", DAY, till.core.gateways["memory"].settled(DAY))
    story = f"/operator/money/orders/{order_id}"
    closed = words(desk, story)
    assert till.accounts[0].number not in closed.replace(" ", "")
    shown = look(desk, story)
    for expected in (
        "sale-1",
        "Зачислено",
        "Уведомление",
        "Строка реестра за",
        "наш расчётный счёт",
    ):
        assert expected in shown
    assert "15,00 ₽" in shown


def test_the_register_page_asks_the_bank_and_shows_three_lists(till: Till, desk: Client) -> None:
    till.paid(500_00)
    page = "/operator/money/reconcile?gateway=memory&day=2026-11-20"
    before = words(desk, page)
    assert "ещё не загружен" in before
    assert "Ещё не в реестре (1)" in before
    answer = desk.submit(page, READ, {})
    assert answer.status_code == 303
    shown = words(desk, answer.location)
    assert "1 новая строка" in shown
    assert "Всё сходится" in shown
    assert "495,00 ₽" in shown
    assert journal(till) == [("register_read", "memory, 2026-11-20")]


def test_the_register_page_begins_with_the_last_day_that_is_over_in_moscow(
    till: Till, desk: Client
) -> None:
    till.clock.moment = datetime(2026, 11, 20, 20, 59, tzinfo=UTC)
    assert 'value="2026-11-19"' in desk.get("/operator/money/reconcile").text
    till.clock.moment = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    assert 'value="2026-11-20"' in desk.get("/operator/money/reconcile").text


def test_the_register_page_says_what_to_do_with_each_line(till: Till, desk: Client) -> None:
    first, second = till.paid(500_00), till.paid(300_00)
    line = Settled("sale-1", None, Kopecks(499_00), Kopecks(0), till.clock.now())
    stray = Settled("sale-99", None, Kopecks(77_00), Kopecks(0), till.clock.now())
    read_in("memory", DAY, [line, stray])
    shown = words(desk, "/operator/money/reconcile?gateway=memory&day=2026-11-20")
    for expected in (
        "Есть только у нас (1)",
        f"Платёж № {second}",
        "Есть только у банка (1)",
        "sale-99",
        "решите там, чьи они",
        "Суммы расходятся (1)",
        f"Платёж № {first}",
        "спросите банк, какая сумма верна",
    ):
        assert expected in shown


def test_a_bank_that_is_silent_and_a_day_that_is_none_are_told(till: Till, desk: Client) -> None:
    page = "/operator/money/reconcile?gateway=memory&day=2026-11-20"
    till.bank.is_down = True
    silent = desk.submit(page, READ, {})
    assert silent.status_code == 422
    assert "Банк сейчас не отвечает" in silent.text
    form = desk.page(page).form(READ)
    for wrong in ({"day": "вчера"}, {"gateway": "nobody"}, {"day": ""}, {"day": "2026-11-21"}):
        sent = form.fields | wrong
        assert desk.post(READ, data=sent, headers=SAME_ORIGIN).status_code == 422
    assert desk.get("/operator/money/reconcile?day=2026-02-30").status_code == 422
    assert journal(till) == []


def test_a_register_that_cannot_be_right_is_told_in_words(
    till: Till, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.paid(500_00)
    monkeypatch.setattr(BankGateway, "settled", lambda _self, _day: ["no line"])
    answer = desk.submit("/operator/money/reconcile?gateway=memory&day=2026-11-20", READ, {})
    assert answer.status_code == 422
    assert "прислал неверный реестр" in answer.text
    assert "ещё не загружен" in answer.text


def test_the_desk_is_for_operators_alone(till: Till, sign_in: SignIn) -> None:
    order_id = till.paid(1_500_00)
    resident = sign_in(till.user, STRONG)
    for page in ("", "/alarms", "/suspense", "/refunds", "/reconcile", f"/orders/{order_id}"):
        assert resident.get(f"/operator/money{page}").status_code == 404
    fields = resident.page("/profile/contacts").forms[0].fields
    for act in ("/reconcile/read", "/look", "/refunds/1/approve"):
        sent = resident.post(f"/operator/money{act}", data=fields, headers=SAME_ORIGIN)
        assert sent.status_code == 404
