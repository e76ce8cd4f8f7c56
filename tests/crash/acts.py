"""What is done while the process is killed: as the product does it, by its pages and its clock."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import ClassVar
from uuid import uuid4

from sqlalchemy import text

from tests.crash.cabinet import Cabinet
from tests.plugins.yookassa.sandbox import PAYS
from tesweb.autopay import runs
from tesweb.cashier import services as cashier
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor, refunds
from tesweb.payments.models import State
from tesweb.payments.protocol import Way
from tesweb.payments.rules import Alarm
from tesweb.payments.services import Wish, place
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory

#: The rows that `furnish` makes first.
PAYER, OPERATOR, ACCOUNT = 1, 2, 1
BANK = "yookassa"
DEBT = 1_000_00
_DAY = date(2026, 11, 20)
_ORDERS = "SELECT state FROM payment_orders"
_REFUNDS = "SELECT state FROM refunds ORDER BY id"
_MONTHS = "SELECT state FROM autopay_runs WHERE reason <> 'known'"


class Act(ABC):
    """One act, the state before it, and what must have come of it in the end."""

    name: str
    #: What somebody at the supplier may have to look at afterwards.
    alarms: frozenset[Alarm] = frozenset()
    #: What the account was credited with, line by line, in kopecks.
    credited: tuple[int, ...]
    #: What the clock has brought about minutes after the restart, before anybody does anything:
    #: the states in which the rows of a query may be.
    alone: ClassVar[Mapping[str, frozenset[str]]]

    @abstractmethod
    def prepare(self, cabinet: Cabinet) -> None:
        """Bring everything to where the act begins."""

    @abstractmethod
    def begin(self, cabinet: Cabinet) -> Callable[[], object]:
        """Open what has to be open; the act itself, which raises where it does not come about."""

    @abstractmethod
    def again(self, cabinet: Cabinet) -> None:
        """What the people and the bank do who got no answer."""

    def complaints(self, cabinet: Cabinet) -> Iterator[str]:
        """What is wrong in the end, beside what is wrong after any act."""
        del cabinet
        yield from ()


class Pay(Act):
    """A resident sends the form; the order is written down and given to the bank."""

    name = "pay"
    credited = (500_00,)
    alone: ClassVar = {_ORDERS: frozenset({"pending"})}
    _form_key = str(uuid4())

    def prepare(self, cabinet: Cabinet) -> None:
        """Somebody who owes."""
        people(cabinet)

    def begin(self, cabinet: Cabinet) -> Callable[[], object]:
        """Fill the form in; then send it."""
        browser, page = cabinet.browser(PAYER), "/pay/how?pay-1=1&sum-1=500"
        return sent(browser, page, "/pay", form_key=self._form_key)

    def again(self, cabinet: Cabinet) -> None:
        """The browser showed no answer: the same form is sent again, and the payer pays."""
        self.begin(cabinet)()
        for payment in cabinet.bank.listed("/payments"):
            cabinet.bank.show(payment["id"], PAYS)


class Notify(Act):
    """The bank's notification arrives, and the clock looks into it."""

    name = "notify"
    credited = (500_00,)
    alone: ClassVar = {_ORDERS: frozenset({"succeeded"})}

    def prepare(self, cabinet: Cabinet) -> None:
        """The payer has just paid at the bank."""
        people(cabinet)
        started(cabinet, 500_00)
        cabinet.bank.show(newest(cabinet), PAYS)
        cabinet.clock.go_on(seconds=20)

    def begin(self, cabinet: Cabinet) -> Callable[[], object]:
        """The bank tells us; then the worker's turn comes."""
        note = cabinet.bank.notification(newest(cabinet))
        browser = cabinet.app.test_client()

        def act() -> None:
            answer = browser.post(f"/pay/{BANK}/notify", data=note.body)
            assert answer.status_code == 200, answer.text
            with cabinet.app.app_context():
                janitor.sweep()

        return act

    def again(self, cabinet: Cabinet) -> None:
        """The bank heard no answer, so it tells us again."""
        self.begin(cabinet)()


class Refund(Act):
    """An operator agrees that an overpayment goes back, and the clock gives it to the bank."""

    name = "refund"
    credited = (1_500_00, -500_00)
    alone: ClassVar = {_REFUNDS: frozenset({"asked", "done"})}

    def prepare(self, cabinet: Cabinet) -> None:
        """Somebody has paid 500 ₽ too much and asks for them."""
        people(cabinet)
        paid(cabinet, 1_500_00)
        with cabinet.app.app_context():
            refunds.ask(PAYER, ACCOUNT, Kopecks(500_00), "")
        cabinet.clock.go_on(hours=1)

    def begin(self, cabinet: Cabinet) -> Callable[[], object]:
        """Press the button; then the worker's turn comes."""
        desk, page = cabinet.browser(OPERATOR, "password totp"), "/operator/money/refunds/1"
        look = [form for form in desk.page(page).forms if form.action.endswith("/look")]
        if look:
            desk.submit(page, look[0].action, {})
        press = sent(desk, page, f"{page}/approve")

        def act() -> None:
            press()
            with cabinet.app.app_context():
                janitor.sweep()

        return act

    def again(self, cabinet: Cabinet) -> None:
        """The operator saw no answer: where the request still waits, the button is pressed."""
        if ask(cabinet, _REFUNDS) == ["asked"]:
            self.begin(cabinet)()

    def complaints(self, cabinet: Cabinet) -> Iterator[str]:
        """Once, and it has arrived."""
        states = ask(cabinet, _REFUNDS)
        if states != ["done"]:
            yield f"the refunds are {states}"


class Autopay(Act):
    """A notice the day before, and the money the day after, with nobody there."""

    name = "autopay"
    credited = (100_00, 500_00)
    alone: ClassVar = {_MONTHS: frozenset({"noticed", "paid"})}
    _notice = datetime(2026, 11, 24, 6, tzinfo=UTC)

    def prepare(self, cabinet: Cabinet) -> None:
        """A saved card, and 500 ₽ on the 25th."""
        people(cabinet)
        paid(cabinet, 100_00, remember=True)
        browser, path = cabinet.browser(PAYER, "password"), f"/pay/autopay/{ACCOUNT}"
        plan = {"kind": "fixed", "amount": "500", "when": "day", "day": "25"}
        look = browser.submit(path, f"{path}/check", plan)
        assert look.status_code == 200, look.text
        assert browser.submit(look.request.full_path, path, {}).status_code == 303

    def begin(self, cabinet: Cabinet) -> Callable[[], object]:
        """The worker's turn comes, and a day later again."""
        cabinet.clock.put(self._notice)

        def act() -> None:
            with cabinet.app.app_context():
                runs.remind()
                cabinet.clock.go_on(hours=26)
                runs.sweep()
                janitor.sweep()

        return act

    def again(self, cabinet: Cabinet) -> None:
        """Nobody is there; the clock goes on to the day after."""
        end = datetime(2026, 11, 25, 12, tzinfo=UTC)
        while cabinet.clock.now() < end:
            cabinet.clock.go_on(hours=2)
            with cabinet.app.app_context():
                runs.remind()
                runs.sweep()

    def complaints(self, cabinet: Cabinet) -> Iterator[str]:
        """One month, paid, and told beforehand."""
        months = ask(cabinet, _MONTHS)
        if months != ["paid"]:
            yield f"the months are {months}"
        told = ask(cabinet, "SELECT count(*) FROM outbox WHERE template = 'autopay'")
        if told != [1]:
            yield f"{told[0]} notices"


class Register(Act):
    """Yesterday's register: an order that we know, one that we do not, money of no order."""

    name = "register"
    credited = (500_00, 300_00)
    alone: ClassVar = {_ORDERS: frozenset({"succeeded"})}

    def prepare(self, cabinet: Cabinet) -> None:
        """All three were paid at the bank."""
        people(cabinet)
        paid(cabinet, 500_00)
        started(cabinet, 300_00)
        cabinet.bank.show(newest(cabinet), PAYS)
        stranger = {
            "amount": {"value": "77.00", "currency": "RUB"},
            "capture": True,
            "confirmation": {"type": "redirect", "return_url": "https://localhost/"},
            "description": "Not ours",
        }
        with cabinet.bank.client as client:
            headers = {"Idempotence-Key": str(uuid4())}
            api = cabinet.core.settings.plugins[BANK]
            who = (api["shop_id"], api["secret_key"])
            made = client.post("/v3/payments", json=stranger, auth=who, headers=headers)
            assert made.status_code == 200, made.text
        cabinet.bank.show(made.json()["id"], PAYS)
        cabinet.clock.go_on(days=1)

    def begin(self, cabinet: Cabinet) -> Callable[[], object]:
        """What `tesweb reconcile` does."""

        def act() -> cashier.ReadIn:
            with cabinet.app.app_context():
                read = cashier.fetch_register(BANK, cashier.yesterday())
                found = cashier.reconcile(BANK, cashier.yesterday())
                assert not found.ours_only
                assert not found.differ
                assert [line.amount for line in found.theirs_only] == [77_00]
                return read

        return act

    def again(self, cabinet: Cabinet) -> None:
        """The command is run again, and once more by somebody who is not sure."""
        self.begin(cabinet)()
        with cabinet.app.app_context():
            read = cashier.fetch_register(BANK, cashier.yesterday())
        assert (read.new, read.known) == (0, 3)

    def complaints(self, cabinet: Cabinet) -> Iterator[str]:
        """Three lines, each once."""
        lines = ask(cabinet, "SELECT amount FROM register_lines ORDER BY amount")
        if lines != [77_00, 300_00, 500_00]:
            yield f"the lines are {lines}"


def people(cabinet: Cabinet) -> None:
    """Somebody who owes 1,000 ₽, and somebody at the supplier."""
    make = Factory(cabinet.core)
    payer = make.user("payer", email="payer@example.ru")
    assert payer.id == PAYER
    assert make.user("oleg", is_operator=True).id == OPERATOR
    account = make.account(payer)
    assert account.id == ACCOUNT
    make.charge(account, _DAY.replace(month=10, day=1), DEBT)


def started(cabinet: Cabinet, amount: int, *, remember: bool = False) -> int:
    """An order that the bank has taken."""
    wish = Wish(
        user_id=PAYER,
        shares={ACCOUNT: Kopecks(amount)},
        gateway=BANK,
        way=Way.CARD,
        contact="payer@example.ru",
        form_key=str(uuid4()),
        remember=remember,
    )
    with cabinet.app.app_context():
        order_id = place(wish).order_id
        assert engine.advance(order_id) is State.PENDING
    return order_id


def paid(cabinet: Cabinet, amount: int, *, remember: bool = False) -> None:
    """An order that was paid and credited, all of whose receipts are there."""
    order_id = started(cabinet, amount, remember=remember)
    cabinet.bank.show(newest(cabinet), PAYS)
    cabinet.clock.go_on(seconds=10)
    with cabinet.app.app_context():
        assert engine.advance(order_id, hurry=True) is State.SUCCEEDED
        for _ in range(3):
            cabinet.clock.go_on(seconds=70)
            janitor.sweep()


def newest(cabinet: Cabinet) -> str:
    """The bank's number of what waits there for its payer, or was made last."""
    found = cabinet.bank.listed("/payments")
    waiting = [payment for payment in found if payment["status"] == "pending"]
    return str((waiting or found)[0]["id"])


def sent(browser: Client, page: str, action: str, **values: str) -> Callable[[], object]:
    """Open the page and fill in its form; what sends it."""
    fields = browser.page(page).form(action).fields | values

    def send() -> None:
        answer = browser.post(action, data=fields, headers=SAME_ORIGIN)
        assert answer.status_code == 303, answer.text

    return send


def ask(cabinet: Cabinet, query: str) -> list[object]:
    """The first column of what the database answers."""
    with cabinet.core.database.read() as reader:
        return [row[0] for row in reader.execute(text(query))]


ACTS: tuple[Act, ...] = (Pay(), Notify(), Refund(), Autopay(), Register())
