"""`tesweb check`: the promises that hold on any database."""

import click

from tesweb.commands.context import application, say
from tesweb.current import core
from tesweb.ledger import checks as ledger
from tesweb.meters import checks as meters

#: Each takes a connection and yields findings.
CHECKS = (*ledger.CHECKS, *meters.CHECKS)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Prove the invariants: balances add up, readings are superseded and never lost.

    Reads only. Exit code 1 where one is broken; each finding names the account by its inner id.
    """
    with application().app_context(), core().database.read() as connection:
        findings = [finding for proof in CHECKS for finding in proof(connection)]
    lines = [f"{finding.code}: {finding.text}" for finding in findings]
    lines.append(f"{len(CHECKS)} invariants, {len(findings)} findings")
    answer = {
        "invariants": len(CHECKS),
        "findings": [{"code": finding.code, "text": finding.text} for finding in findings],
    }
    say(answer, as_json=as_json, text="\n".join(lines))
    if findings:
        ctx.exit(1)
