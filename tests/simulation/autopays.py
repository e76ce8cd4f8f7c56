"""What becomes of autopay: it is switched on and off, bills come, cards expire, cabinets lock."""

from datetime import timedelta

from sqlalchemy import func, insert, select

from tests.simulation.world import World
from tesweb.autopay.rules import End, Kind, Plan
from tesweb.autopay.services import end, remove_card, skip, switch_on
from tesweb.autopay.statements import autopays, cards, runs
from tesweb.clock import add_months, month_of
from tesweb.database.naming import table_of
from tesweb.freeze.services import Wish, lock
from tesweb.freeze.statements import LIFT, UNLOCK_USER
from tesweb.ledger.models import Charge
from tesweb.ledger.statements import MOVE_BALANCE
from tesweb.money import Kopecks
from tesweb.payments import oblivion
from tesweb.payments.protocol import Reason

charges = table_of(Charge)


def bill(world: World) -> None:
    """Billing sends the next bill of an account, rarely one far above the usual."""
    account = world.chance.choice(world.accounts)
    period = add_months(world.billed[account.id], 1)
    if period >= month_of(world.clock.now().date()):
        return
    amount = world.chance.randint(700_00, 1500_00) * world.chance.choice([1, 1, 1, 1, 20])
    line = {"account_id": account.id, "period": period, "line": "1", "title": "", "amount": amount}
    with world.core.database.work() as work:
        work.execute(insert(charges), line)
        work.execute(MOVE_BALANCE, {"of_account": account.id, "added": amount})
    world.billed[account.id] = period


def allow(world: World) -> None:
    """Somebody of the household switches autopay on with a saved card, if there is one."""
    household = [payer.id for payer in world.payers[:2]]
    found = world.ask(select(cards).where(cards.c.user_id.in_(household)).order_by(cards.c.id))
    if len(found) < 2:
        world.counter.remember(world.stage, world.chance.choice(household))
    if not found:
        return
    card = world.chance.choice(found)
    plan = Plan(
        world.chance.choice(list(Kind)),
        Kopecks(world.chance.choice([300_00, 900_00, 9000_00, 9000_00])),
        world.chance.choice([None, None, 1, 15, 28, 31]),
    )
    account = world.chance.choice(world.accounts)
    with world.core.database.work() as work:
        switch_on(work, card.user_id, account.id, card.id, plan)


def until_due(world: World) -> None:
    """Time goes on to when the next autopay is due, and two workers are at it."""
    found = world.ask(select(func.min(runs.c.due_at)))[0][0]
    now = world.clock.now()
    if found is None or found > now + timedelta(days=4):
        world.clock.moment += timedelta(days=2)
    elif found > now:
        world.clock.moment = found
    for _ in range(2):
        world.work()
        world.clock.moment += timedelta(seconds=world.chance.choice([0, 3, 61]))


def forbid(world: World) -> None:
    """Somebody switches an autopay off, at any moment of its month."""
    live = autopays.c.live_account_id.is_not(None)
    found = world.ask(select(autopays.c.id).where(live).order_by(autopays.c.id))
    if found and world.chance.random() < 0.2:
        with world.core.database.work() as work:
            end(work, world.chance.choice(found).id, End.USER)


def pass_over(world: World) -> None:
    """Somebody wants nothing taken in a month, perhaps too late."""
    found = world.ask(select(runs.c.autopay_id, runs.c.period).where(runs.c.due_at.is_not(None)))
    if found:
        this = world.chance.choice(sorted(tuple(row) for row in found))
        with world.core.database.work() as work:
            skip(work, *this)


def throw_away(world: World) -> None:
    """Somebody removes a saved card, which the bank may not hear of."""
    found = world.ask(select(cards.c.id, cards.c.user_id).order_by(cards.c.id))
    if found and world.chance.random() < 0.15:
        card = world.chance.choice(found)
        with world.core.database.work() as work:
            forgotten = remove_card(work, card.user_id, card.id)
        oblivion.forget(forgotten)


def spoil_cards(world: World) -> None:
    """Some cards expire or have nothing on them, others are filled again."""
    for token in world.bank.tokens:
        world.bank.tokens[token] = world.chance.choice([*([None] * 16), *Reason])


def lock_up(world: World) -> None:
    """Somebody locks the cabinet, or opens it again."""
    payer = world.chance.choice(world.payers)
    if world.chance.random() < 0.15:
        with world.core.database.work() as work:
            lock(work, payer.id, Wish())
    else:
        with world.core.database.work() as work:
            work.execute(UNLOCK_USER, {"whose": payer.id})
            work.execute(LIFT, {"whose": payer.id, "moment": world.clock.now()})
