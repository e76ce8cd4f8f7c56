"""A wrong act, which the walk must find: the state in one transaction, the books in the next."""

from collections.abc import Callable

from sqlalchemy import select, update

from tests.crash.acts import ACCOUNT, Notify
from tests.crash.cabinet import Cabinet
from tesweb.database.naming import table_of
from tesweb.payments import effects
from tesweb.payments.models import PaymentOrder, State

orders = table_of(PaymentOrder)


class Torn(Notify):
    """Believes a notification, and writes what it says down in two steps."""

    name = "torn"

    def begin(self, cabinet: Cabinet) -> Callable[[], object]:
        """Whoever dies between the two has taken money and credited nobody."""

        def act() -> None:
            now = cabinet.clock.now()
            done = {"state": State.SUCCEEDED.value, "paid": orders.c.amount, "paid_at": now}
            with cabinet.app.app_context():
                with cabinet.core.database.work() as work:
                    work.execute(update(orders).values(ask_at=None, **done))
                    effects.close(work, 1, [ACCOUNT])
                with cabinet.core.database.work() as work:
                    effects.credit(work, work.execute(select(orders)).one(), now)

        return act

    def again(self, cabinet: Cabinet) -> None:
        """The bank tells it once more, to those who do it right."""
        super().begin(cabinet)()


TORN = (Torn(),)
