"""Files of charges and payments: the money, which is only ever added to."""

from sqlalchemy import BigInteger, Column, Date, String, text

from tesweb.exchange import cells
from tesweb.exchange.kinds import (
    ACCOUNT,
    REGION,
    BadRowError,
    Field,
    Kind,
    Values,
    find_accounts,
    reject_repeated,
    staging,
)
from tesweb.regions.region import Region

#: What the numbers of payments begin with that were made here.
OURS = "tesweb-"

_STAGED_CHARGES = staging(
    "charges",
    Column("period", Date),
    Column("line", String),
    Column("title", String),
    Column("volume", BigInteger),
    Column("price", String),
    Column("amount", BigInteger),
)

_STAGED_PAYMENTS = staging(
    "payments",
    Column("paid_on", Date),
    Column("reference", String),
    Column("channel", String),
    Column("amount", BigInteger),
)

# Money is told apart by amount, volume and price; a title that billing words anew is no change.
_DECIDE_CHARGES = text("""
    UPDATE staged_charges
    SET verdict = known.verdict, fault_column = known.other,
        fault = 'already imported with another ' || known.other
            || '; send the correction as a line of its own'
    FROM (
        SELECT k.file_line, k.other, CASE
            WHEN k.is_new = 1 THEN 'new'
            WHEN k.other IS NULL THEN 'unchanged' ELSE 'bad' END AS verdict
        FROM (
            SELECT s.file_line, CASE WHEN c.line IS NULL THEN 1 ELSE 0 END AS is_new, CASE
                WHEN c.line IS NULL THEN NULL
                WHEN c.amount <> s.amount THEN 'amount'
                WHEN c.volume <> s.volume OR (c.volume IS NULL) <> (s.volume IS NULL) THEN 'volume'
                WHEN coalesce(c.price, '') <> coalesce(s.price, '') THEN 'price' END AS other
            FROM staged_charges AS s LEFT JOIN charges AS c
              ON c.account_id = s.account_id AND c.period = s.period AND c.line = s.line
            WHERE s.verdict IS NULL
        ) AS k
    ) AS known
    WHERE staged_charges.file_line = known.file_line
""")

_DECIDE_PAYMENTS = text("""
    UPDATE staged_payments
    SET verdict = known.verdict, fault_column = known.other,
        fault = 'already imported with another ' || known.other
            || '; send the correction as a line of its own'
    FROM (
        SELECT s.file_line,
            CASE WHEN p.amount <> s.amount THEN 'amount' END AS other,
            CASE WHEN p.amount IS NULL THEN 'new'
                WHEN p.amount = s.amount THEN 'unchanged' ELSE 'bad' END AS verdict
        FROM staged_payments AS s LEFT JOIN payments AS p
          ON p.account_id = s.account_id AND p.paid_on = s.paid_on AND p.reference = s.reference
        WHERE s.verdict IS NULL
    ) AS known
    WHERE staged_payments.file_line = known.file_line
""")

# Our own payments come back in billing's file, perhaps on the day on which billing has booked them:
# they are known by their number alone, and never credited from a file.
_DECIDE_OURS = text("""
    UPDATE staged_payments
    SET verdict = known.verdict, fault_column = known.other, fault = known.fault
    FROM (
        SELECT s.file_line,
            CASE WHEN p.amount = s.amount THEN 'unchanged' ELSE 'bad' END AS verdict,
            CASE WHEN p.amount IS NULL THEN 'reference'
                WHEN p.amount <> s.amount THEN 'amount' END AS other,
            CASE WHEN p.amount IS NULL THEN 'a number of tesweb''s own that this account has not'
                WHEN p.amount <> s.amount THEN 'tesweb has booked another amount' END AS fault
        FROM staged_payments AS s LEFT JOIN payments AS p
          ON p.account_id = s.account_id AND p.reference = lower(s.reference)
        WHERE s.verdict IS NULL AND lower(s.reference) LIKE 'tesweb-%'
    ) AS known
    WHERE staged_payments.file_line = known.file_line
""")

_INSERT_CHARGES = text("""
    INSERT INTO charges (account_id, period, line, title, volume, price, amount)
    SELECT account_id, period, line, title, volume, price, amount
    FROM staged_charges WHERE verdict = 'new' ORDER BY account_id, period, line
""")

_INSERT_PAYMENTS = text("""
    INSERT INTO payments (account_id, paid_on, reference, channel, amount)
    SELECT account_id, paid_on, reference, channel, amount
    FROM staged_payments WHERE verdict = 'new' ORDER BY account_id, paid_on, reference
""")

# The balance moves by what is new, so a month costs the same however many years stand before it.
_OWE_CHARGES = text("""
    UPDATE accounts SET balance = balance + added.amount
    FROM (
        SELECT account_id, CAST(sum(amount) AS BIGINT) AS amount
        FROM staged_charges WHERE verdict = 'new' GROUP BY account_id
    ) AS added
    WHERE accounts.id = added.account_id
""")

_OWE_LESS_PAYMENTS = text("""
    UPDATE accounts SET balance = balance - paid.amount
    FROM (
        SELECT account_id, CAST(sum(amount) AS BIGINT) AS amount
        FROM staged_payments WHERE verdict = 'new' GROUP BY account_id
    ) AS paid
    WHERE accounts.id = paid.account_id
""")


def _check(values: Values, region: Region) -> None:
    del values, region


def _check_payment(values: Values, region: Region) -> None:
    """Below zero are our own refunds alone, which billing sends back to us."""
    del region
    amount, is_ours = values["amount"], str(values["reference"]).lower().startswith(OURS)
    if isinstance(amount, int) and (amount == 0 or (amount < 0 and not is_ours)):
        raise BadRowError("amount", "not above zero")


CHARGES = Kind(
    name="charges",
    order=4,
    fields=(
        REGION,
        ACCOUNT,
        Field("period", cells.month),
        Field("line", cells.text(32)),
        Field("title", cells.text(160)),
        Field("volume", cells.watt_hours, blank=True),
        Field("price", cells.price, blank=True),
        Field("amount", cells.kopecks),
    ),
    check=_check,
    staged=_STAGED_CHARGES,
    prepare=(
        *find_accounts(_STAGED_CHARGES),
        reject_repeated(_STAGED_CHARGES, "line", "account_id", "period", "line"),
    ),
    apply=(_DECIDE_CHARGES, _INSERT_CHARGES, _OWE_CHARGES),
)

PAYMENTS = Kind(
    name="payments",
    order=5,
    fields=(
        REGION,
        ACCOUNT,
        Field("paid_on", cells.day),
        Field("reference", cells.text(64)),
        Field("channel", cells.text(64)),
        Field("amount", cells.kopecks),
    ),
    check=_check_payment,
    staged=_STAGED_PAYMENTS,
    prepare=(
        *find_accounts(_STAGED_PAYMENTS),
        reject_repeated(_STAGED_PAYMENTS, "reference", "account_id", "paid_on", "reference"),
    ),
    apply=(_DECIDE_OURS, _DECIDE_PAYMENTS, _INSERT_PAYMENTS, _OWE_LESS_PAYMENTS),
)
