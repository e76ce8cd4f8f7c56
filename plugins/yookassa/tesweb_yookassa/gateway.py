"""The gateway: each method is a question or two to YooKassa."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Any, NoReturn
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from tesweb.api import Kopecks, payments
from tesweb_yookassa import answers, bodies
from tesweb_yookassa.settings import YooKassaSettings
from tesweb_yookassa.wire import Call, Rejected, Wire

log = logging.getLogger(__name__)

Body = dict[str, Any]
#: YooKassa's day.
_MOSCOW = ZoneInfo("Europe/Moscow")
_LEAST = Kopecks(1_00)
_MOST = {payments.Way.CARD: Kopecks(350_000_00), payments.Way.SBP: Kopecks(1_000_000_00)}
#: So much may our clock differ from YooKassa's when a payment is looked for by its time.
_SKEW = timedelta(hours=1)
#: Most payments are made at once, so they are looked for there first.
_SOON = timedelta(hours=2)


def of(settings: YooKassaSettings) -> "YooKassa":
    """The gateway that the settings ask for."""
    return (YooKassaWithCards if settings.saves_cards else YooKassa)(settings, Wire(settings))


@dataclass(frozen=True)
class YooKassa:
    """Takes cards and SBP and gives money back. It keeps nothing, so any thread may call it."""

    settings: YooKassaSettings
    wire: Wire
    name = "yookassa"
    title = "YooKassa"
    #: YooKassa keeps a key for 24 hours; a request at the last minute may come too late.
    key_lives = timedelta(hours=23)

    def __reduce__(self) -> NoReturn:
        """Refuse: pickle would write the shop's key in clear."""
        raise TypeError("a gateway knows a secret: it is not pickled")

    @property
    def ways(self) -> tuple[payments.Way, ...]:
        """What the shop may take."""
        return self.settings.ways

    @property
    def origins(self) -> tuple[str, ...]:
        """Where its pages lie."""
        return self.settings.origins

    def limits(self, way: payments.Way) -> tuple[Kopecks, Kopecks]:
        """One ruble, and what YooKassa's documentation names for each way."""
        return _LEAST, _MOST[way]

    def fee(self, amount: Kopecks, way: payments.Way) -> Kopecks:
        """The percentage of the settings, rounded half up."""
        del way
        share = Decimal(max(amount, 0)) * self.settings.fee / 100
        return Kopecks(int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def start(self, order: payments.Order) -> payments.Started:
        """Make the payment; the payer goes on to YooKassa's page."""
        with self.wire.call() as call:
            return self._started(
                self._made(call, order, bodies.payment(order, self.settings)), order
            )

    def report(self, order: payments.Order) -> payments.Report:
        """Ask for the payment; one whose number was lost is looked for by its key."""
        with self.wire.call() as call:
            if order.reference is None:
                found = self._found(call, order)
                if found is None:
                    raise payments.Unknown(f"YooKassa has no payment {order.key}")
            else:
                found = self._of(call, order.reference)
            return answers.report(answers.check(found, order.key), self._fiscal(call, found))

    def read(self, notification: payments.Notification) -> payments.Notice:
        """Look at the sender's address, for YooKassa signs nothing; then at what it is about."""
        if not self._is_theirs(notification.remote_address):
            raise payments.Forged("the address is not one of YooKassa's")
        try:
            body = json.loads(notification.body)
            event, about = body["event"], body["object"]
            is_refund = event.startswith("refund.")
            reference = about["payment_id" if is_refund else "id"]
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
            raise payments.Forged("the notification is none of YooKassa's") from error
        if body.get("type") != "notification" or not event.startswith(("payment.", "refund.")):
            raise payments.Forged("the notification is about something else")
        if not isinstance(reference, str) or not reference:
            raise payments.Forged("the notification names no payment")
        key = answers.key_of(about)
        return payments.Notice(key=key, reference=None if key else reference)

    def refund(self, order: payments.Order, key: UUID, amount: Kopecks) -> None:
        """Give money back; that it has arrived, the report tells."""
        with self.wire.call() as call:
            reference = order.reference or answers.text(self._found(call, order) or {}, "id")
            body = bodies.refund(order, reference, amount, self.settings)
            try:
                answer = call.post("/refunds", bodies.key_of(key), body)
            except Rejected as no:
                if no.is_about_key:
                    raise payments.Unclear(str(no)) from None
                raise payments.Refused(text=str(no)) from None
        if answer.get("status") == "canceled":
            raise payments.Refused(text="YooKassa canceled the refund")
        if answer.get("status") not in {"pending", "succeeded"}:
            raise payments.Unclear("YooKassa's refund is in a state that nobody knows")

    def settled(self, day: date) -> Iterator[payments.Settled]:
        """What was captured and what was refunded on a day of Moscow."""
        since = datetime.combine(day, time(), _MOSCOW)
        until = datetime.combine(day + timedelta(days=1), time(), _MOSCOW)
        with self.wire.call() as call:
            paid = _span("captured_at", since, until) | {"status": "succeeded"}
            for payment in _listed(call, "/payments", paid):
                yield answers.settled(payment)
            gone = _span("created_at", since, until) | {"status": "succeeded"}
            for refund in _listed(call, "/refunds", gone):
                yield answers.returned(refund)

    def _made(self, call: Call, order: payments.Order, body: Body) -> Body:
        """The payment of that key, new or known."""
        try:
            made = call.post("/payments", bodies.key_of(order.key), body)
            return answers.check(made, order.key)
        except Rejected as no:
            if no.status != HTTPStatus.BAD_REQUEST:
                raise payments.Unclear(str(no)) from None
            if not no.is_about_key:
                log.warning("order %s: %s", order.number, no)
                is_card = no.parameter == "payment_method_id"
                reason = payments.Reason.PERMISSION_REVOKED if is_card else payments.Reason.DECLINED
                raise payments.Refused(reason, str(no)) from None
        # The key was used with another body: our settings have changed between two attempts.
        found = self._found(call, order)
        if found is None:
            raise payments.Unclear("YooKassa knows the key and not the payment")
        return answers.check(found, order.key)

    def _started(self, payment: Body, order: payments.Order) -> payments.Started:
        reference = answers.text(payment, "id")
        url = answers.part(payment, "confirmation").get("confirmation_url")
        if answers.text(payment, "status") != "pending":
            # It is decided already; the payer's next page is ours, which asks what came of it.
            return payments.Started(reference, payments.Redirect(order.return_url))
        if not isinstance(url, str):
            raise payments.Unclear("YooKassa's answer has no page to go on to")
        expires_at = answers.moment(payment.get("expires_at"))
        return payments.Started(reference, payments.Redirect(url), expires_at)

    def _of(self, call: Call, reference: str) -> Body:
        try:
            found = call.get(f"/payments/{quote(reference, safe='')}")
        except Rejected as no:
            kind = payments.Unknown if no.status == HTTPStatus.NOT_FOUND else payments.Unclear
            raise kind(str(no)) from None
        if answers.text(found, "id") != reference:
            raise payments.Unclear("YooKassa's payment is another one")
        return found

    def _found(self, call: Call, order: payments.Order) -> Body | None:
        """The payment of that key; None when every one of that time was looked at."""
        begins, soon = order.placed_at - _SKEW, order.placed_at + _SOON
        ends = order.placed_at + self.key_lives + 2 * _SKEW
        for since, until in ((begins, soon), (soon, ends)):
            for payment in _listed(call, "/payments", _span("created_at", since, until)):
                if answers.key_of(payment) == order.key:
                    return payment
        return None

    def _fiscal(self, call: Call, payment: Body) -> payments.Fiscal | None:
        """How far the receipt has come; registered only once its numbers are there."""
        state = answers.registration(payment)
        if state is not payments.FiscalState.SUCCEEDED:
            return None if state is None else payments.Fiscal(state)
        try:
            for receipt in _listed(call, "/receipts", {"payment_id": answers.text(payment, "id")}):
                if receipt.get("type") == "payment" and receipt.get("status") == "succeeded":
                    return answers.fiscal(receipt)
        except payments.Unclear as error:
            # The money is what matters; the numbers are asked for again.
            log.warning("the receipt's numbers: %s", error)
        return payments.Fiscal(payments.FiscalState.PENDING)

    def _is_theirs(self, address: str) -> bool:
        try:
            sender = ip_address(address)
        except ValueError:
            return False
        if isinstance(sender, IPv6Address) and sender.ipv4_mapped is not None:
            sender = sender.ipv4_mapped
        return any(sender in network for network in self.settings.networks)


@dataclass(frozen=True)
class YooKassaWithCards(YooKassa):
    """Takes money from cards that YooKassa remembers, too."""

    def charge(self, order: payments.Order, card: payments.SavedCard) -> str:
        """Make the payment by that card."""
        with self.wire.call() as call:
            made = self._made(call, order, bodies.charge(order, card, self.settings))
        return answers.text(made, "id")

    def forget(self, card: payments.SavedCard) -> None:
        """Nothing: YooKassa's API has no call for it. We throw the token away, which is enough."""
        del card


def _listed(call: Call, path: str, params: dict[str, str]) -> Iterator[Body]:
    """Every object of a list, page by page. Raises Unclear where the end cannot be reached."""
    page = params | {"limit": "100"}
    while True:
        try:
            found = call.get(path, page)
        except Rejected as no:
            raise payments.Unclear(str(no)) from None
        yield from answers.items(found)
        cursor = found.get("next_cursor")
        if cursor is None:
            return
        if not isinstance(cursor, str) or cursor == page.get("cursor"):
            raise payments.Unclear("YooKassa's list does not go on")
        page["cursor"] = cursor


def _span(name: str, since: datetime, until: datetime) -> dict[str, str]:
    return {f"{name}.gte": _written(since), f"{name}.lt": _written(until)}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
