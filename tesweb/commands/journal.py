"""`tesweb journal`: the chain of hashes over what happened to people's cabinets."""

import click

from tesweb.commands.context import in_application, say
from tesweb.current import core
from tesweb.journal.checks import CHECKS
from tesweb.journal.seal import seal_finished_days
from tesweb.journal.statements import DAYS, LAST_DAY


@click.group()
def journal() -> None:
    """Seal the security journal, or prove it untouched."""


@journal.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@in_application
def seal(*, as_json: bool) -> None:
    """Seal every day by UTC that is over.

    The server does it by itself; safe to repeat. Note the newest seal where whoever writes to the
    database cannot reach it: on paper, in another system.
    """
    count = seal_finished_days(core().database, core().clock)
    newest = _newest()
    say({"sealed": count} | newest, as_json=as_json, text=f"{count} days sealed; {_words(newest)}")


@journal.command()
@click.option("--seal", "known", help="A seal noted before, which must still be in the chain.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.pass_context
@in_application
def verify(ctx: click.Context, known: str | None, *, as_json: bool) -> None:
    """Work every seal out anew and compare.

    Exit code 1 where an event was changed, taken out or slipped in since its day was sealed, or
    where the seal given is not there. Reads only; `tesweb check` does the same beside its other
    checks.
    """
    with core().database.read() as connection:
        findings = [finding for check in CHECKS for finding in check(connection)]
        seals = {row.seal.hex() for row in connection.execute(DAYS)}
    lines = [f"{finding.code}: {finding.text}" for finding in findings]
    if known is not None and known.strip().lower() not in seals:
        lines.append("journal-chain: the seal given is not in the chain; it was made anew")
    newest = _newest()
    text = "\n".join([*lines, f"{len(seals)} days, {len(lines)} findings; {_words(newest)}"])
    say({"days": len(seals), "findings": lines} | newest, as_json=as_json, text=text)
    if lines:
        ctx.exit(1)


def _newest() -> dict[str, str | None]:
    with core().database.read() as connection:
        last = connection.execute(LAST_DAY).first()
    if last is None:
        return {"day": None, "seal": None}
    return {"day": last.day.isoformat(), "seal": last.seal.hex()}


def _words(newest: dict[str, str | None]) -> str:
    if newest["day"] is None:
        return "no day is sealed yet"
    return f"the newest is {newest['day']}: {newest['seal']}"
