"""The bank as it runs: its books, its pages, its thread and its server together."""

from collections.abc import Callable

from tesweb_sandbox_bank.app import build
from tesweb_sandbox_bank.bank import Bank, opened
from tesweb_sandbox_bank.options import Options
from tesweb_sandbox_bank.sending import Sender
from tesweb_sandbox_bank.server import Server, end_with_parent, end_with_signals

__all__ = ["Options", "listening", "opened", "serve"]


def listening(port: int) -> Server:
    """A server that has its port. Raises OSError."""
    return Server(port)


def serve(
    server: Server, bank: Bank, ready: Callable[[], None], *, with_parent: bool = False
) -> None:
    """Serve until a signal ends it."""
    app = build(bank)
    sender = Sender(bank)
    end_with_signals(server)
    if with_parent:
        end_with_parent()
    sender.start()
    ready()
    server.serve(app)
    server.server_close()
    sender.stop()
    bank.store.close()
