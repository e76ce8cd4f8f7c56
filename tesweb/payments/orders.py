"""An order as its gateway gets it: rows of the database in the protocol's words."""

from typing import Any
from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection

from tesweb.clock import local_day, month_of
from tesweb.current import core
from tesweb.layout.languages import in_language
from tesweb.messages.texts import public_address
from tesweb.money import Kopecks
from tesweb.payments.protocol import Line, Order, Payee, Utilities, Vat, Way
from tesweb.payments.statements import SHARES
from tesweb.regions.region import Region

_SALT = "tesweb payments back"


def as_order(connection: Connection, row: Any) -> Order:  # noqa: ANN401 - a row of `payment_orders`
    """The order as its gateway gets it."""
    shares = connection.execute(SHARES, {"order_id": row.id}).all()
    region = core().region(shares[0].region)
    address = public_address(core().settings)
    return Order(
        key=UUID(row.key),
        number=number_of(row.id),
        amount=Kopecks(row.amount + row.fee),
        way=Way(row.way),
        purpose=_purpose(shares, row.language, region),
        contact=row.contact,
        lines=_lines(row, shares, region),
        utilities=_utilities(row, shares, region),
        return_url=f"{address}/pay/back/{sign(row.id)}",
        notify_url=f"{address}/pay/{row.gateway}/notify",
        remember=row.remember,
        customer="" if row.user_id is None else f"tesweb-{row.user_id}",
        placed_at=row.created_at,
        reference=row.reference,
    )


def number_of(order_id: int) -> str:
    """What people call the order: on the page, on the receipt, on the phone."""
    return str(order_id)


def reference_of(order_id: int) -> str:
    """What billing knows the payment by."""
    return f"tesweb-{order_id}"


def sign(order_id: int) -> str:
    """What a payer comes back with from the bank, signed in or not."""
    return str(_signer().dumps(order_id))


def signed(text: str) -> int:
    """The order that a payer has come back from. Raises LookupError for a forged one."""
    try:
        return int(_signer().loads(text))
    except (BadSignature, ValueError, TypeError) as error:
        raise LookupError(text) from error


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt=_SALT)


def _purpose(shares: Any, language: str, region: Region) -> str:  # noqa: ANN401 - rows of SHARES
    numbers = ", ".join(share.number for share in shares)
    text = _electricity(language, numbers)
    return f"{region.title(language)}: {text}"[:128]


def _lines(row: Any, shares: Any, region: Region) -> tuple[Line, ...]:  # noqa: ANN401 - rows
    vat = region.facts.payment.vat
    lines = [
        Line(_electricity(row.language, share.number)[:128], Kopecks(share.amount), vat)
        for share in shares
    ]
    if row.fee:
        gettext = in_language(row.language).catalog.gettext
        lines.append(Line(gettext("Payment fee"), Kopecks(row.fee), Vat.NONE))
    return tuple(lines)


def _utilities(row: Any, shares: Any, region: Region) -> Utilities | None:  # noqa: ANN401 - rows
    """Bank details travel with a payment for one account; a fee is not for utilities."""
    found = region.facts.payment.payee
    if found is None or len(shares) != 1 or row.fee:
        return None
    period = month_of(local_day(row.created_at, region.timezone))
    payee = Payee(**found.model_dump())
    return Utilities(payee, shares[0].number, period, _purpose(shares, "ru", region))


def _electricity(language: str, numbers: str) -> str:
    gettext = in_language(language).catalog.gettext
    return gettext("Electricity, account %(numbers)s") % {"numbers": numbers}
