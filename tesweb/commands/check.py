"""`tesweb check`: promises that hold on any database, and those of the regions' authors."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date

import click
from sqlalchemy import Connection

from tesweb.autopay import checks as autopay
from tesweb.clock import local_day
from tesweb.commands.context import application, say
from tesweb.commands.store import plainly
from tesweb.current import Core, core
from tesweb.findings import Finding
from tesweb.journal import checks as journal
from tesweb.ledger import checks as ledger
from tesweb.meters import checks as meters
from tesweb.payments import checks as payments
from tesweb.regions import checks as regions

#: Each takes a connection and yields findings.
INVARIANTS: tuple[Callable[[Connection], Iterable[Finding]], ...] = (
    *ledger.CHECKS,
    *meters.CHECKS,
    *journal.CHECKS,
    *payments.CHECKS,
    *autopay.CHECKS,
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Prove that the stored data add up.

    Balances are charges less payments. The books balance, and each payment is credited once, told
    to its payer and never refunded beyond its sum. Autopay takes once for a month. No reading is
    lost, has more digits than its register, or was read while its meter was not there. The journal
    of security events is as it was sealed. Every day has a tariff.

    Reads only. Exit code 1 where something is wrong; each finding names the account by its inner
    id. Notes are things to see to in time, as a calendar that ends with the year.
    """
    with (
        application().app_context(),
        closing(core().database) as database,
        plainly(database),
        database.read() as connection,
    ):
        today = local_day(core().clock.now(), core().default_region.timezone)
        findings = [*_broken(connection), *_faults(core(), today)]
        notes = list(_notes(core(), today))
    lines = [f"{finding.code}: {finding.text}" for finding in findings]
    lines += [f"note: {note}" for note in notes]
    lines.append(f"{len(INVARIANTS)} invariants, {len(findings)} findings, {len(notes)} notes")
    answer = {
        "invariants": len(INVARIANTS),
        "findings": [{"code": finding.code, "text": finding.text} for finding in findings],
        "notes": notes,
    }
    say(answer, as_json=as_json, text="\n".join(lines))
    if findings:
        ctx.exit(1)


def _broken(connection: Connection) -> Iterator[Finding]:
    for invariant in INVARIANTS:
        yield from invariant(connection)


def _faults(parts: Core, today: date) -> Iterator[Finding]:
    for region in parts.regions.values():
        for text in regions.faults(region, today):
            yield Finding("region", f"{region.name}: {text}")


def _notes(parts: Core, today: date) -> Iterator[str]:
    for region in parts.regions.values():
        for text in regions.doubts(region, today):
            yield f"{region.name}: {text}"
