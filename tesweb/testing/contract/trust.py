"""Who a notification is from, and who sees what the gateway knows."""

import pickle
from dataclasses import replace

from tesweb.payments.protocol import (
    Forged,
    Gateway,
    GatewayError,
    Notice,
    Notification,
    Order,
    Unclear,
)
from tesweb.testing.banks import NOT_DONE, UNHEARD, Driver, Fault
from tesweb.testing.contract.basis import Basis, another, paid, started
from tesweb.testing.contract.trials import Heard, gives, kind, listening, raises, same, want

_JUNK = (b"", b"junk", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 50_000, b"a=1&b=2", b"0" * 70_000)


class Trust(Basis):
    """The promises about read(), and about secrets."""

    def test_a_genuine_notice_names_its_order(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """By the key or by the reference."""
        asked = paid(gateway, bank, order, patience)
        notice = gives(patience, gateway.read, bank.notification(str(asked.reference)))
        kind(notice, "what read() gives", Notice)
        same(
            (notice.key is None) + (notice.reference is None),
            1,
            "key and reference that are not set",
        )
        want(notice.key in {None, order.key}, f"Notice.key: {notice.key}")
        want(notice.reference in {None, asked.reference}, f"Notice.reference: {notice.reference}")
        kind(notice.answer, "Notice.answer", str)

    def test_a_forged_notice_is_refused(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """Each that only somebody else would send."""
        asked = started(gateway, order, patience)
        forgeries = bank.forgeries(str(asked.reference))
        want(forgeries, "your bank's driver forges nothing")
        for forged in forgeries:
            raises(Forged, patience, gateway.read, forged)

    def test_junk_is_refused(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """From whatever address, with whatever headers; never by a crash."""
        real = bank.notification(str(started(gateway, order, patience).reference))
        for body in _JUNK:
            for headers, address in ((real.headers, real.remote_address), ({}, ""), ({}, "junk")):
                junk = Notification(body, headers, address)
                raises(GatewayError, patience, gateway.read, junk)

    def test_reading_does_not_call_the_bank(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """Notifications come in thousands and have to be answered at once."""
        asked = started(gateway, order, patience)
        notification = bank.notification(str(asked.reference))
        bank.spoil(Fault.DOWN)
        gives(patience, gateway.read, notification)
        # The fault was for the next request, and that is this one.
        raises(Unclear, patience, gateway.report, asked)

    def test_nothing_secret_is_shown(
        self, gateway: Gateway, bank: Driver, order: Order, secrets: list[str], patience: float
    ) -> None:
        """Neither by the gateway itself nor by what it gives."""
        asked = paid(gateway, bank, replace(order, remember=True), patience)
        report = gives(patience, gateway.report, asked)
        shown = [repr(gateway), str(gateway), f"{gateway}", repr(report), repr(asked)]
        token = [report.card.token] if report.card and report.card.token else []
        _want_hidden("\n".join(shown), [*secrets, order.contact, *token])

    def test_nothing_secret_is_logged_or_raised(
        self, gateway: Gateway, bank: Driver, order: Order, secrets: list[str], patience: float
    ) -> None:
        """Not even at the most talkative level, and not in what lies behind an error."""
        with listening() as heard:
            asked = paid(gateway, bank, order, patience)
            gives(patience, gateway.report, asked)
            for fault in (*NOT_DONE, *UNHEARD):
                _go_wrong(gateway, bank, fault, another(order), heard, patience)
                _go_wrong(gateway, bank, fault, asked, heard, patience)
            for forged in bank.forgeries(str(asked.reference)):
                heard.error(raises(Forged, patience, gateway.read, forged))
        _want_hidden("\n".join(heard.lines), [*secrets, order.contact])

    def test_nothing_secret_is_pickled(self, gateway: Gateway, secrets: list[str]) -> None:
        """A gateway cannot be written down, or what is written has no secret in it."""
        try:
            written = pickle.dumps(gateway)
        except Exception:  # each library has another one for it
            return
        _want_hidden(written.decode("latin-1"), secrets)


def _go_wrong(  # noqa: PLR0913, PLR0917 - each is a fact of its own
    gateway: Gateway, bank: Driver, fault: Fault, order: Order, heard: Heard, patience: float
) -> None:
    """Start an order, or ask about one that is started, while the bank has a fault."""
    call = gateway.start if order.reference is None else gateway.report
    bank.spoil(fault)
    heard.error(raises(GatewayError, patience, call, order))


def _want_hidden(text: str, secrets: list[str]) -> None:
    for secret in secrets:
        place = text.find(secret)
        line = text[max(0, place - 60) : place]
        want(place < 0, f"a secret or a person's contact stands behind {line!r}")
