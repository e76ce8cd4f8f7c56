"""A bank whose books lie in a file, so that it outlives the process that pays there."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tesweb.clock import SystemClock
from tesweb.money import Kopecks
from tesweb.payments.protocol import BankState, Order, Report, Started
from tesweb.testing.bank import Bank, BankGateway, Sale

#: A plugin of which the test's own process and the server's are made alike.
PLUGIN = """
from pathlib import Path
from tesweb.api import hookimpl
from tests.payments.paper_bank import PaperGateway, nobody

@hookimpl
def gateways():
    return [PaperGateway(nobody(), file=Path({file!r}), takes={takes})]
"""


def nobody() -> Bank:
    """A bank without books: each call opens those of the file."""
    return Bank(SystemClock())


@dataclass(frozen=True)
class PaperGateway(BankGateway):
    """The gateway to it; it takes its time, once the order is in the books."""

    file: Path = Path()
    takes: float = 0

    def start(self, order: Order) -> Started:
        with self.opened() as bank:
            started = BankGateway(bank).start(order)
        time.sleep(self.takes)
        return started

    def report(self, order: Order) -> Report:
        with self.opened() as bank:
            return BankGateway(bank).report(order)

    @contextmanager
    def opened(self) -> Iterator[Bank]:
        """The bank with what its books say, which are written at the end."""
        bank = nobody()
        for line in json.loads(self.file.read_text("utf-8")) if self.file.exists() else []:
            key, amount, paid = UUID(line["key"]), Kopecks(line["amount"]), Kopecks(line["paid"])
            state = BankState(line["state"])
            bank.sales[key] = Sale(line["reference"], key, amount, state, paid)
            next(bank.numbers)
        yield bank
        lines = [
            {
                "reference": sale.reference,
                "key": str(sale.key),
                "amount": sale.amount,
                "state": sale.state.value,
                "paid": sale.paid,
            }
            for sale in bank.sales.values()
        ]
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(lines), "utf-8")
        new.replace(self.file)
