"""The contract passes the honest gateway, and each wrong one fails it by name."""

import inspect
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.testing import wrong, wrong_too
from tesweb.clock import FixedClock
from tesweb.payments.protocol import Gateway
from tesweb.testing.bank import Bank, BankGateway
from tesweb.testing.gateways import Driver, GatewayContract, order_for

PATIENCE = 0.3


def bank_of_today() -> Bank:
    return Bank(FixedClock(datetime.now(UTC)))


class TestHonest(GatewayContract):
    @pytest.fixture
    def bank(self) -> Bank:
        return bank_of_today()

    @pytest.fixture
    def gateway(self, bank: Bank) -> Gateway:
        return BankGateway(bank)

    @pytest.fixture
    def secrets(self, bank: Bank) -> list[str]:
        return [bank.secret.decode()]


class Basic:
    """A gateway that can do nothing but take money."""

    def __init__(self, bank: Bank) -> None:
        self.inner = BankGateway(bank)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever is asked for
        if name in {"refund", "charge", "forget", "settled"} or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.inner, name)


def tell(name: str, gateway: Gateway, bank: Driver, secrets: list[str]) -> str:
    """What the contract's test of that name says against the gateway; empty where it passes."""
    given = {
        "gateway": gateway,
        "bank": bank,
        "order": order_for(gateway),
        "secrets": secrets,
        "patience": PATIENCE,
    }
    test = getattr(GatewayContract(), name)
    try:
        test(**{name: given[name] for name in inspect.signature(test).parameters})
    except (pytest.fail.Exception, Exception) as error:
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        (wrong.ForgetsTheKey, "test_started_twice_is_one_order"),
        (wrong.ForgetsTheKey, "test_started_again_once_it_is_paid_is_one_order"),
        (wrong.RepeatsByItself, "test_started_again_after_a_lost_answer_is_one_order"),
        (wrong.RefusesWhatMayHaveHappened, "test_started_again_after_a_lost_answer_is_one_order"),
        (wrong.RefusesWhatMayHaveHappened, "test_started_again_after_nothing_arrived"),
        (wrong.ChargesTwice, "test_a_charge_twice_is_one_order"),
        (wrong.TrustsAForgedNotice, "test_a_forged_notice_is_refused"),
        (wrong.CrashesOnJunk, "test_junk_is_refused"),
        (wrong.NamesAnotherOrder, "test_a_genuine_notice_names_its_order"),
        (wrong.CallsTheBankToRead, "test_reading_does_not_call_the_bank"),
        (wrong.CutsKopecks, "test_kopecks_are_exact"),
        (wrong.ReadsKopecksAsFloat, "test_kopecks_are_exact"),
        (wrong.ReportsWhatWasAsked, "test_another_sum_is_passed_on"),
        (wrong.PaidWithoutMoney, "test_nobody_has_paid_yet"),
        (wrong.PaidWithoutMoney, "test_a_decline_has_a_reason"),
        (wrong.ReportsAnotherOrder, "test_each_order_is_reported_for_itself"),
        (wrong.IgnoresTheCurrency, "test_another_currency_is_passed_on"),
        (wrong.DeclinesWithoutAReason, "test_a_decline_has_a_reason"),
        (wrong.UnknownWhenNotAsked, "test_no_answer_is_unclear_and_never_unknown"),
        (wrong.NeverUnknown, "test_an_order_that_was_never_started_is_unknown"),
        (wrong.NeedsTheReference, "test_an_order_is_found_by_its_key"),
        (wrong.RaisesSomethingElse, "test_no_answer_is_unclear_and_never_unknown"),
        (wrong.ReturnsJunk, "test_a_started_order_leads_to_the_bank"),
        (wrong.SendsThePayerElsewhere, "test_a_started_order_leads_to_the_bank"),
        (wrong.LeadsToAScript, "test_a_started_order_leads_to_the_bank"),
        (wrong.HasAPageOfItsOwn, "test_a_started_order_leads_to_the_bank"),
        (wrong.StartsWithALongNumber, "test_a_started_order_leads_to_the_bank"),
        (wrong.ReportsALongReceipt, "test_money_is_reported_when_it_came"),
        (wrong.HasNoPlace, "test_it_says_what_it_is"),
        (wrong.Hangs, "test_no_call_is_longer_than_its_time"),
        (wrong.ShowsItsSecret, "test_nothing_secret_is_shown"),
        (wrong.LogsItsSecret, "test_nothing_secret_is_logged_or_raised"),
        (wrong.LogsThePayer, "test_nothing_secret_is_logged_or_raised"),
        (wrong.RaisesItsSecret, "test_nothing_secret_is_logged_or_raised"),
        (wrong.PicklesItsSecret, "test_nothing_secret_is_pickled"),
        (wrong.MixesThreads, "test_threads_do_not_mix_orders"),
        (wrong.StartsTwiceAtOnce, "test_started_by_two_threads_is_one_order"),
        (wrong_too.RefundsTwice, "test_a_refund_twice_is_once"),
        (wrong_too.RefundsTooMuch, "test_never_more_goes_back_than_came"),
        (wrong_too.RefundsTooMuch, "test_nothing_goes_back_of_what_nobody_paid"),
        (wrong_too.ForgetsWhatWentBack, "test_what_went_back_is_told_in_totals"),
        (wrong_too.RefundsOutOfThePayment, "test_what_went_back_is_told_in_totals"),
        (wrong_too.LosesTheToken, "test_a_card_is_remembered_when_it_is_asked_for"),
        (wrong_too.RemembersUnasked, "test_a_card_is_not_remembered_unasked"),
        (wrong_too.ShowsTheWholeNumber, "test_a_card_is_remembered_when_it_is_asked_for"),
        (wrong_too.SaysARevokedCardPaid, "test_a_revoked_card_pays_nothing"),
        (wrong_too.CrashesOnForgetting, "test_a_card_may_be_forgotten_twice"),
        (wrong_too.ListsNoRefunds, "test_the_register_has_what_came_and_went"),
        (wrong_too.ListsNothingWhenDown, "test_a_register_without_an_answer_is_unclear"),
        (wrong_too.ListsHalfKopecks, "test_the_register_has_what_came_and_went"),
        (wrong_too.ListsByItsOwnClock, "test_the_register_has_what_came_and_went"),
        (wrong_too.HasNoLimits, "test_it_says_what_it_is"),
        (wrong_too.TakesAFeeInRubles, "test_it_says_what_it_is"),
    ],
)
def test_each_wrong_gateway_is_caught_by_name(broken: type[BankGateway], name: str) -> None:
    bank = bank_of_today()
    said = tell(name, broken(bank), bank, [bank.secret.decode()])
    assert said.startswith("Failed: "), said


def test_every_promise_has_somebody_who_breaks_it_or_a_reason() -> None:
    (table,) = (mark.args[1] for mark in test_each_wrong_gateway_is_caught_by_name.pytestmark)  # type: ignore[attr-defined]  # pytest's mark
    promises = {name for name in dir(GatewayContract) if name.startswith("test_")}
    unbroken = promises - {name for _, name in table}
    # These say what is right; who does wrong there does so in others, too.
    assert unbroken == {
        "test_a_card_that_nobody_has_is_refused",
        "test_a_saved_card_pays",
        "test_asking_changes_nothing",
    }


@pytest.mark.parametrize(
    "name", [name for name in dir(GatewayContract) if name.startswith("test_")]
)
def test_a_gateway_without_capabilities_passes(name: str) -> None:
    bank = bank_of_today()
    basic: Any = Basic(bank)
    assert tell(name, basic, bank, [bank.secret.decode()]) == ""


@pytest.mark.parametrize("fixture", ["bank", "gateway", "secrets"])
def test_what_has_to_be_given_is_told(fixture: str) -> None:
    made = getattr(GatewayContract, fixture)
    plain = inspect.unwrap(getattr(made, "_fixture_function", made))
    with pytest.raises(pytest.fail.Exception, match=fixture):
        plain(*([GatewayContract()] + [None] * (len(inspect.signature(plain).parameters) - 1)))
