"""The receipt as a PDF."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb import pdf
from tesweb.current import core
from tesweb.layout.formats import FORMATS
from tesweb.money import Kopecks, format_rubles
from tesweb.payments.effects import channel_of
from tesweb.payments.models import State
from tesweb.payments.orders import number_of
from tesweb.payments.protocol import Way
from tesweb.payments.wording import STATES, WAYS

#: A row of ORDER, rows of SHARES, a row of FISCAL.
Row = Any


def receipt(
    row: Row, shares: Row, fiscal: Row, language: str, address_of: Callable[[int, str], str]
) -> bytes:
    """An order's receipt; `address_of` is how the payer may see an account's address."""
    region = core().region(shares[0].region)
    formats, zone = FORMATS[language], region.timezone
    facts = [(_("Number of the receipt"), number_of(row.id))]
    facts.append((_("Begun"), formats.moment(row.created_at, zone)))
    if row.paid_at:
        facts.append((_("Paid"), formats.moment(row.paid_at, zone)))
    for share in shares:
        number = core().region(share.region).format_account(share.number)
        whose = f"{address_of(share.account_id, share.address)}, {number}"
        facts.append((whose, format_rubles(Kopecks(share.amount))))
    facts.append((_("Fee"), format_rubles(Kopecks(row.fee))))
    card = f", ••••\u00a0{row.last4}" if row.last4 else ""
    facts.append((_("How"), f"{WAYS[Way(row.way)]}{card}, {channel_of(row.gateway)}"))
    if row.refunded:
        facts.append((_("Refund"), format_rubles(Kopecks(row.refunded))))
    if fiscal is not None and fiscal.number:
        facts.append((_("Fiscal receipt"), _fiscal(fiscal)))
    payee = region.facts.payment.payee
    document = {
        "title": _("Payment No. %(number)s", number=number_of(row.id)),
        "language": language,
        "supplier": region.title(language),
        "payee": _("%(name)s, INN %(inn)s", name=payee.name, inn=payee.inn) if payee else "",
        "sum": format_rubles(Kopecks(row.amount + row.fee)),
        "state": str(STATES[State(row.state)][0]),
        "facts": [[str(name), str(told)] for name, told in facts],
        "note": _("The cash receipt of 54-FZ comes by itself to the e-mail or phone you named."),
    }
    return pdf.made("payments/receipt.typ", document)


def _fiscal(fiscal: Row) -> LazyString:
    return _l(
        "FD %(number)s, FN %(storage)s, FPD %(sign)s",
        number=fiscal.number,
        storage=fiscal.storage,
        sign=fiscal.sign,
    )
