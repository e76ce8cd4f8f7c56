"""Files of accounts: who is supplied where, at which tariff."""

from sqlalchemy import Column, Date, String, text

from tesweb.exchange import cells
from tesweb.exchange.kinds import (
    ACCOUNT,
    REGION,
    BadRowError,
    Field,
    Kind,
    Values,
    reject_repeated,
    staging,
)
from tesweb.regions.region import Region

_STAGED = staging(
    "accounts",
    Column("address", String),
    Column("category", String),
    Column("balance_on", Date),
    Column("bill_code", String),
)

_DECIDE = text("""
    UPDATE staged_accounts SET account_id = known.id, verdict = known.verdict
    FROM (
        SELECT s.file_line, a.id, CASE
            WHEN a.id IS NULL THEN 'new'
            WHEN a.address = s.address AND a.category = s.category
             AND (s.balance_on IS NULL OR a.balance_on = s.balance_on)
             AND (s.bill_code IS NULL OR a.bill_code = s.bill_code)
            THEN 'unchanged' ELSE 'changed' END AS verdict
        FROM staged_accounts AS s
        LEFT JOIN accounts AS a ON a.number = s.account AND a.region = s.region
        WHERE s.verdict IS NULL
    ) AS known
    WHERE staged_accounts.file_line = known.file_line
""")

_INSERT = text("""
    INSERT INTO accounts (region, number, address, category, balance_on, bill_code)
    SELECT region, account, address, category, balance_on, bill_code
    FROM staged_accounts WHERE verdict = 'new' ORDER BY file_line
""")

_UPDATE = text("""
    UPDATE accounts
    SET address = s.address, category = s.category,
        balance_on = coalesce(s.balance_on, accounts.balance_on),
        bill_code = coalesce(s.bill_code, accounts.bill_code)
    FROM staged_accounts AS s
    WHERE s.verdict = 'changed' AND accounts.id = s.account_id
""")


def _check(values: Values, region: Region) -> None:
    category = values["category"]
    if category not in region.facts.categories:
        listed = ", ".join(sorted(region.facts.categories))
        raise BadRowError("category", f"{category!r} is none of {region.name}'s: {listed}")


ACCOUNTS = Kind(
    name="accounts",
    order=1,
    fields=(
        REGION,
        ACCOUNT,
        Field("address", cells.text(256)),
        Field("category", cells.text(32)),
        Field("balance_on", cells.day, optional=True, blank=True),
        Field("bill_code", cells.text(32), optional=True, blank=True),
    ),
    check=_check,
    staged=_STAGED,
    prepare=(reject_repeated(_STAGED, "account", "region", "account"),),
    apply=(_DECIDE, _INSERT, _UPDATE),
)
