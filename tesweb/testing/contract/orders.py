"""Orders: given to the bank once, reported as they are, never guessed at."""

from dataclasses import replace
from functools import partial

from tesweb.money import NOTHING, Kopecks
from tesweb.payments import sense
from tesweb.payments.protocol import (
    BankState,
    Code,
    Gateway,
    Order,
    Reason,
    Redirect,
    Started,
    Unclear,
    Unknown,
)
from tesweb.testing.banks import NOT_DONE, UNHEARD, Driver, Fault
from tesweb.testing.contract.basis import Basis, another, order_for, paid, reported, started
from tesweb.testing.contract.trials import (
    at_once,
    gives,
    kind,
    raises,
    same,
    sums,
    want,
)

_LOST = (BankState.FAILED, BankState.CANCELED, BankState.EXPIRED)


class Orders(Basis):
    """The promises about start() and report()."""

    def test_it_says_what_it_is(self, gateway: Gateway) -> None:
        """A name for the database, a title for people, ways, limits and fees in whole kopecks."""
        kind(gateway, "the gateway", Gateway)
        want(not sense.fault_of(gateway), sense.fault_of(gateway))
        want(len(set(gateway.ways)) == len(gateway.ways), f"ways: {gateway.ways}")
        for way in gateway.ways:
            least, most = gateway.limits(way)
            want(0 < least <= most, f"limits: {least} to {most} for {way}")
            fees = [gateway.fee(amount, way) for amount in sums(least, most)]
            want(all(isinstance(fee, int) and fee >= 0 for fee in fees), f"fee: {fees}")

    def test_a_started_order_leads_to_the_bank(
        self, gateway: Gateway, bank: Driver, patience: float
    ) -> None:
        """By each way, to an address of `origins` and nowhere else."""
        for way in gateway.ways:
            before, order = bank.orders(), order_for(gateway, way=way)
            answer = gives(patience, gateway.start, order)
            kind(answer, "what start() gives", Started)
            want(sense.is_reference(answer.reference), "reference: not 1 to 64 characters")
            same(bank.orders(), before + 1, "orders at the bank")
            kind(answer.step, "Started.step", Redirect, Code)
            astray = sense.leads_astray(answer.step, gateway.origins)
            want(not astray, f"the payer is sent to {astray}, not in `origins`")
            want(sense.is_started(answer), f"what start() gives: {answer!r}")

    def test_started_twice_is_one_order(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """The same key is the same order, with the same reference."""
        before = bank.orders()
        first, second = started(gateway, order, patience), started(gateway, order, patience)
        same(bank.orders(), before + 1, "orders at the bank")
        same(second.reference, first.reference, "the second reference")

    def test_started_by_two_threads_is_one_order(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """The page and the clock may come at once."""
        before = bank.orders()
        both = at_once([partial(started, gateway, order, patience)] * 2)
        same(bank.orders(), before + 1, "orders at the bank")
        same(both[0].reference, both[1].reference, "the references")

    def test_started_again_after_a_lost_answer_is_one_order(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """It may have happened: Unclear; and repeating it does no harm."""
        for fault in UNHEARD:
            before, fresh = bank.orders(), another(order)
            bank.spoil(fault)
            raises(Unclear, patience, gateway.start, fresh)
            same(bank.orders(), before + 1, f"orders at the bank after {fault}")
            started(gateway, fresh, patience)
            same(bank.orders(), before + 1, f"orders at the bank after {fault} and a repetition")

    def test_started_again_after_nothing_arrived(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """That nothing has happened is not known: Unclear again."""
        for fault in NOT_DONE:
            before, fresh = bank.orders(), another(order)
            bank.spoil(fault)
            raises(Unclear, patience, gateway.start, fresh)
            same(bank.orders(), before, f"orders at the bank after {fault}")
            started(gateway, fresh, patience)
            same(bank.orders(), before + 1, f"orders at the bank after {fault} and a repetition")

    def test_started_again_once_it_is_paid_is_one_order(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """A request that was held up somewhere takes no money twice."""
        first = paid(gateway, bank, order, patience)
        before = bank.orders()
        second = started(gateway, order, patience)
        same((second.reference, bank.orders()), (first.reference, before), "the order")

    def test_nobody_has_paid_yet(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """An order that waits for its payer is PENDING and nothing is paid."""
        report = reported(gateway, started(gateway, order, patience), patience)
        same(report.state, BankState.PENDING, "Report.state")
        same((report.paid, report.refunded), (NOTHING, NOTHING), "what is paid and refunded")
        want(bank.orders(), "the bank has no order")

    def test_money_is_reported_when_it_came(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """PAID, the sum, and rubles."""
        report = reported(gateway, paid(gateway, bank, order, patience), patience)
        same(report.state, BankState.PAID, "Report.state")
        same(report.paid, order.amount, "Report.paid")
        same((report.refunded, report.currency), (NOTHING, "RUB"), "refunded, currency")

    def test_kopecks_are_exact(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """There and back, for sums that slips are about and for drawn ones."""
        least, most = gateway.limits(order.way)
        for amount in sums(least, most):
            asked = paid(gateway, bank, another(order, amount), patience)
            same(reported(gateway, asked, patience).paid, amount, "Report.paid")

    def test_another_sum_is_passed_on(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """The core compares; the gateway tells what came."""
        for other in (order.amount - 1, order.amount + 1):
            asked = started(gateway, another(order), patience)
            bank.pay(str(asked.reference), Kopecks(other))
            same(reported(gateway, asked, patience).paid, other, "Report.paid")

    def test_another_currency_is_passed_on(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """A hundred yuan are no hundred rubles."""
        asked = started(gateway, order, patience)
        bank.pay(str(asked.reference), currency="CNY")
        same(reported(gateway, asked, patience).currency, "CNY", "Report.currency")

    def test_a_decline_has_a_reason(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """Somebody has to tell the payer why, and nothing is paid."""
        asked = started(gateway, order, patience)
        bank.decline(str(asked.reference))
        report = reported(gateway, asked, patience)
        want(report.state in _LOST, f"Report.state: {report.state} where it was declined")
        kind(report.reason, "Report.reason", Reason)
        same(report.paid, NOTHING, "Report.paid")

    def test_each_order_is_reported_for_itself(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """What is paid for one is not paid for another, asked by reference or by key."""
        first, second = (started(gateway, another(order), patience) for _ in range(2))
        bank.pay(str(second.reference))
        for asked in (first, replace(first, reference=None)):
            report = reported(gateway, asked, patience)
            same(report.reference, first.reference, "Report.reference")
            same(report.state, BankState.PENDING, "Report.state of the one that waits")
        for asked in (second, replace(second, reference=None)):
            same(reported(gateway, asked, patience).paid, second.amount, "Report.paid")

    def test_an_order_is_found_by_its_key(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """Where the answer to start() was lost, nobody knows a reference."""
        bank.spoil(Fault.DEAF)
        raises(Unclear, patience, gateway.start, order)
        same(reported(gateway, order, patience).state, BankState.PENDING, "Report.state")

    def test_an_order_that_was_never_started_is_unknown(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """The bank is sure: then the core may let it go."""
        started(gateway, another(order), patience)
        raises(Unknown, patience, gateway.report, order)
        bank.spoil(Fault.LOST)
        raises(Unclear, patience, gateway.start, order)
        raises(Unknown, patience, gateway.report, order)

    def test_no_answer_is_unclear_and_never_unknown(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """A timeout, a 5xx and nonsense say nothing about the order."""
        known = started(gateway, order, patience)
        for fault in (*NOT_DONE, *UNHEARD):
            for asked in (known, replace(known, reference=None)):
                bank.spoil(fault)
                raises(Unclear, patience, gateway.report, asked)
        same(reported(gateway, known, patience).state, BankState.PENDING, "Report.state")

    def test_asking_changes_nothing(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """The page asks every few seconds."""
        asked = paid(gateway, bank, order, patience)
        before = bank.orders()
        # The receipt's registration goes on by itself meanwhile.
        first, second = (replace(reported(gateway, asked, patience), fiscal=None) for _ in "12")
        same(second, first, "the second report")
        same(bank.orders(), before, "orders at the bank")

    def test_threads_do_not_mix_orders(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """One gateway serves all requests of a process at once."""
        for amount in sums(*gateway.limits(order.way))[:4]:
            pair = [another(order, amount), another(order)]
            asked = at_once([partial(started, gateway, one, patience) for one in pair])
            want(asked[0].reference != asked[1].reference, "two orders have one reference")
            for one in asked:
                bank.pay(str(one.reference))
            reports = at_once([partial(reported, gateway, one, patience) for one in asked])
            same([one.paid for one in reports], [one.amount for one in pair], "what is paid")

    def test_no_call_is_longer_than_its_time(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """A bank that does not answer does not hold the page up."""
        bank.spoil(Fault.SLOW)
        raises(Unclear, patience, gateway.start, order)
        known = started(gateway, order, patience)
        bank.spoil(Fault.SLOW)
        raises(Unclear, patience, gateway.report, known)
