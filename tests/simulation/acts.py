"""What people, the bank and the clock do."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from tests.simulation.stage import Killed
from tests.simulation.world import World
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor, refunds
from tesweb.payments.protocol import BankState, Reason, Way
from tesweb.payments.services import Wish, place
from tesweb.testing.bank import Fault


def begin(world: World) -> None:
    """Somebody pays for accounts, of the household or not, and the request goes on to the bank."""
    chosen = world.chance.sample(world.accounts, world.chance.randint(1, 3))
    payer = world.chance.choice(world.payers)
    wish = Wish(
        user_id=payer.id,
        shares={each.id: Kopecks(world.chance.randint(50_00, 400_00)) for each in chosen},
        gateway="memory",
        way=world.chance.choice(list(Way)),
        contact="payer@example.ru",
        form_key=_uuid(world),
        remember=world.chance.random() < 0.4,
        again=world.chance.random() < 0.7,
        from_outside=payer is world.payers[-1],
    )
    engine.advance(place(wish).order_id)


def household(world: World) -> None:
    """Two of a household pay for the same account at once, and somebody from outside."""
    account = world.chance.choice(world.accounts)
    placed = []
    for payer in world.payers:
        wish = Wish(
            user_id=payer.id,
            shares={account.id: Kopecks(world.chance.randint(50_00, 400_00))},
            gateway="memory",
            way=Way.SBP,
            contact="+79220000000",
            form_key=_uuid(world),
            again=payer is not world.payers[0],
            from_outside=payer is world.payers[-1],
        )
        placed.append(place(wish).order_id)
    for order_id in placed:
        engine.advance(order_id)


def pay(world: World) -> None:
    """A payer pays at the bank, perhaps after a refusal; rarely another sum arrives."""
    sale = world.sale(BankState.PENDING, BankState.FAILED)
    # Where a saved card was charged nobody stands who could try again.
    if sale is not None and sale.key not in world.counter.charged:
        odd = world.chance.random() < 0.05
        world.bank.pay(sale.reference, Kopecks(sale.amount - 1) if odd else None)


def decline(world: World) -> None:
    """The bank declines."""
    sale = world.sale(BankState.PENDING)
    if sale is not None:
        world.bank.decline(sale.reference, world.chance.choice(list(Reason)))


def notify(world: World) -> None:
    """The bank sends notifications about some orders, some twice, in any order."""
    references = [sale.reference for sale in world.bank.sales.values()]
    for reference in world.chance.choices(references, k=3) if references else ():
        janitor.keep_notice("memory", world.bank.notification(reference))


def come_back(world: World) -> None:
    """A payer opens the page of an order."""
    found = world.ids()
    if found:
        engine.advance(world.chance.choice(found), hurry=True)


def work(world: World) -> None:
    """The worker does its duties, now and then two of them one after the other."""
    for _ in range(world.chance.choice([1, 1, 2])):
        world.work()


def wait(world: World) -> None:
    """Time goes by, a second or a day."""
    seconds = world.chance.choice([1, 3, 10, 70, 600, 4000, 30_000, 90_000])
    world.clock.moment += timedelta(seconds=seconds)


def days_go_by(world: World) -> None:
    """Days go by up to a month, the worker at its work now and then."""
    for _ in range(world.chance.choice([2, 4, 8, 31])):
        world.clock.moment += timedelta(days=1)
        with suppress(Killed):
            world.work()


def trouble(world: World) -> None:
    """The next calls go wrong, or the bank goes down or comes back."""
    world.bank.faults = world.chance.choices(list(Fault), k=world.chance.randint(0, 3))
    world.bank.is_down = world.chance.random() < 0.2


def ask_back(world: World) -> None:
    """A resident asks an overpayment back, and the supplier agrees or not."""
    account = world.chance.choice(world.accounts)
    amount = Kopecks(world.chance.randint(1, 500_00))
    refund_id = refunds.ask(world.payers[0].id, account.id, amount, "")
    if world.chance.random() < 0.8:
        refunds.approve(refund_id, None)
    else:
        refunds.decline(refund_id, None, "")


def give_back(world: World) -> None:
    """Money goes back past us: by somebody at the bank in part, or all of it to a payer's bank."""
    sale = world.sale(BankState.PAID)
    if sale is None or sale.refunded >= sale.paid or world.chance.random() > 0.2:
        return
    left = sale.paid - sale.refunded
    part = Kopecks(left if world.chance.random() < 0.3 else world.chance.randint(1, left))
    key = UUID(_uuid(world))
    sale.refunds[key], sale.refunded_at[key] = part, world.clock.now()
    sale.refunded = Kopecks(sale.refunded + part)


def _uuid(world: World) -> str:
    return str(UUID(int=world.chance.getrandbits(128)))
