"""An outsider learns nothing: not whether a number exists, not an address, not by asking often."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from tesweb.accounts.models import Proof
from tesweb.accounts.proofs import NotProved, Proved, TooManyProofs, check, kinds_of
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.regions.region import Region
from tesweb.testing.factories import Factory, MadeAccount

CODE = "4172-0936"
RIGHT = {Proof.BILL_CODE: CODE}
WRONG = {Proof.BILL_CODE: "0000-0000"}


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def region(core: Core) -> Region:
    return core.regions["tyumen"]


@pytest.fixture
def account(make: Factory) -> MadeAccount:
    return make.account(region="tyumen", bill_code=CODE, address="г. Тюмень, ул. Мира, д. 7, кв. 9")


def refused(region: Region, number: str, answers: dict[Proof, str]) -> type[Exception]:
    """The refusal that a proof gets."""
    with pytest.raises((NotProved, TooManyProofs)) as caught:
        check(region, number, answers)
    assert str(caught.value) == ""
    return caught.type


def test_the_owner_gets_in_and_sees_the_address_masked(
    region: Region, account: MadeAccount
) -> None:
    found = check(region, account.number, RIGHT)
    shown = "г.\u00a0Тюмень, ул.\u00a0М***, д.\u00a0**, кв.\u00a0**"
    assert found == Proved(account.id, shown, is_full=False)


def test_all_that_the_region_asks_has_to_be_right(core: Core, make: Factory) -> None:
    region = core.regions["vladivostok"]
    account = make.account(region="vladivostok", number="2500100099")
    make.meter(account, serial="00417583")
    make.payment(account, date(2026, 10, 2), 100_00)
    make.payment(account, date(2026, 11, 2), 347_48)
    both = {Proof.METER: "417583", Proof.PAYMENT: "347,48"}
    assert kinds_of(region) == tuple(both)
    assert check(region, account.number, both).account_id == account.id
    for kind, answer in both.items():
        assert refused(region, account.number, both | {kind: "1"}) is NotProved
        assert refused(region, account.number, {kind: answer}) is NotProved
    # Neither a payment before the last one nor a meter that was taken down.
    assert refused(region, account.number, both | {Proof.PAYMENT: "100"}) is NotProved


def test_a_meter_that_was_taken_down_proves_nothing(core: Core, make: Factory) -> None:
    account = make.account(region="vladivostok", number="2500100099")
    make.meter(account, serial="111", removed_on=date(2026, 1, 1))
    make.meter(account, serial="222")
    make.payment(account, date(2026, 11, 2), 347_48)
    region, paid = core.regions["vladivostok"], {Proof.PAYMENT: "347,48"}
    assert refused(region, account.number, paid | {Proof.METER: "111"}) is NotProved
    assert check(region, account.number, paid | {Proof.METER: "222"})


def test_one_kind_more_makes_the_proof_full_and_a_wrong_one_spoils_it(
    region: Region, account: MadeAccount, make: Factory
) -> None:
    make.meter(account, serial="00417583")
    assert check(region, account.number, RIGHT | {Proof.METER: "417583"}).is_full
    assert refused(region, account.number, RIGHT | {Proof.METER: "417584"}) is NotProved


def test_a_number_of_another_region_is_nobodys(core: Core, account: MadeAccount) -> None:
    assert refused(core.regions["vladivostok"], account.number, RIGHT) is NotProved


@pytest.mark.parametrize("is_known", [True, False])
def test_after_five_wrong_ones_a_day_not_even_the_right_one_helps(
    region: Region, account: MadeAccount, clock: FixedClock, *, is_known: bool
) -> None:
    number = account.number if is_known else "720499999999"
    seen = [refused(region, number, WRONG) for _ in range(7)]
    assert seen == [NotProved] * 5 + [TooManyProofs] * 2
    assert refused(region, number, RIGHT) is TooManyProofs
    clock.moment += timedelta(days=1)
    if is_known:
        assert check(region, number, RIGHT).account_id == account.id
    else:
        assert refused(region, number, RIGHT) is NotProved


def test_right_ones_are_not_counted_and_forgive_nothing(
    region: Region, account: MadeAccount
) -> None:
    for _ in range(10):
        check(region, account.number, RIGHT)
    for tried in range(5):
        assert refused(region, account.number, WRONG) is NotProved
        if tried < 4:
            check(region, account.number, RIGHT)
    assert refused(region, account.number, RIGHT) is TooManyProofs


def test_a_sweep_over_a_thousand_numbers_sees_no_address_and_is_stopped(
    app: Flask, region: Region, make: Factory
) -> None:
    for number in range(20):
        make.account(region="tyumen", number=f"7204001{number * 37:05d}", bill_code=CODE)
    seen = []
    with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.7"}):
        seen += [refused(region, f"7204001{number:05d}", WRONG) for number in range(1000)]
        # From then on not even a right guess tells anything to that network.
        seen += [refused(region, "720400100000", RIGHT)]
    assert seen == [NotProved] * 300 + [TooManyProofs] * 701
    with app.test_request_context(environ_base={"REMOTE_ADDR": "198.51.100.7"}):
        assert check(region, "720400100000", RIGHT)


def test_an_unknown_number_costs_the_same_statements(
    core: Core, region: Region, account: MadeAccount
) -> None:
    """The same work is the same time, on a machine of any speed."""
    costs = []
    for number in (account.number, "720499999999"):
        said: list[str] = []

        def note(*args: object, said: list[str] = said) -> None:
            said.append(str(args[2]))

        event.listen(core.database.writer, "before_cursor_execute", note)
        refused(region, number, WRONG)
        event.remove(core.database.writer, "before_cursor_execute", note)
        costs.append(said)
    assert costs[0] == costs[1]
    assert len(costs[0]) > 5


def test_a_limit_that_cannot_count_lets_nobody_in(
    core: Core, region: Region, account: MadeAccount
) -> None:
    with core.database.work() as work:
        work.exec_driver_sql("ALTER TABLE rate_counts RENAME TO gone")
    with pytest.raises(Exception, match="rate_counts"):
        check(region, account.number, RIGHT)
