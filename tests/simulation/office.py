"""What the supplier's people do: registers are read, money of nobody is given to somebody."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from tests.simulation.stage import days_of
from tests.simulation.world import World
from tesweb.cashier.acts import assign, close_alarm, send_back, suspended
from tesweb.cashier.services import fetch_register, read_in, reconcile
from tesweb.cashier.statements import ALARMS_OPEN
from tesweb.money import NOTHING, Kopecks
from tesweb.payments.protocol import GatewayError, Settled


def read_register(world: World) -> None:
    """A day's register is asked for, once or twice, and laid beside the books."""
    day = _day(world)
    for _ in range(world.chance.choice([1, 2])):
        fetch_register("memory", day)
    reconcile("memory", day)


def read_wrong_register(world: World) -> None:
    """A day's register comes with something wrong; the right one comes in the end."""
    day = _day(world)
    found = list(_honest(world, day))
    wrong = world.chance.choice(_WRONGS)(world, found, day)
    world.chance.shuffle(wrong)
    read_in("memory", day, wrong)
    reconcile("memory", day)


def _missing(world: World, found: list[Settled], day: date) -> list[Settled]:
    del day
    return [line for line in found if world.chance.random() < 0.7]


def _extra(world: World, found: list[Settled], day: date) -> list[Settled]:
    """A line of an order that nobody has."""
    del day
    amount = Kopecks(world.chance.randint(1_00, 900_00))
    reference = f"stray-{world.chance.getrandbits(32)}"
    return [*found, Settled(reference, None, amount, NOTHING, world.clock.now())]


def _off(world: World, found: list[Settled], day: date) -> list[Settled]:
    """A payment is off by a kopeck, in a line that the bank puts right afterwards."""
    del day
    payments = [line for line in found if line.amount > 1]
    if not payments:
        return found
    line = world.chance.choice(payments)
    wrong = replace(line, amount=Kopecks(line.amount + world.chance.choice([-1, 1])))
    world.forged.setdefault(line.reference, set()).add(wrong.amount)
    return [wrong if each is line else each for each in found]


_WRONGS: tuple[Callable[[World, list[Settled], date], list[Settled]], ...] = (
    _missing,
    _extra,
    _off,
)


def decide(world: World) -> None:
    """Somebody decides about money that waits: an account gets it, or its payer gets it back."""
    with world.core.database.read() as reader:
        waiting = suspended(reader)
    if not waiting:
        return
    item = world.chance.choice(waiting)
    operator = world.payers[-1].id
    with suppress(LookupError):
        if item.order_id is None or world.chance.random() < 0.5:
            assign(operator, item.id, world.chance.choice(world.accounts).id, "by letter")
        else:
            send_back(operator, item.id, "by letter")


def answer_alarms(world: World) -> None:
    """Somebody has looked into the alarms."""
    for alarm in world.ask(ALARMS_OPEN, most=5):
        close_alarm(world.payers[-1].id, alarm.id, "seen")


def _honest(world: World, day: date) -> list[Settled]:
    """What the bank has of the day, whatever goes wrong with its line."""
    try:
        return list(world.counter.settled(day))
    except GatewayError:
        return []


def _day(world: World) -> date:
    days = list(days_of(world.bank)) or [world.clock.now().date() - timedelta(days=1)]
    return world.chance.choice(days[-4:])
