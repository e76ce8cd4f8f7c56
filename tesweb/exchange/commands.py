"""`tesweb exchange`: the operator's door to billing."""

import dataclasses
import sys
from pathlib import Path
from typing import Any

import click

from tesweb.commands.context import in_application, say
from tesweb.current import core
from tesweb.exchange.files import Encoding
from tesweb.exchange.kinds import Verdict
from tesweb.exchange.report import BadRowsFile, FileReport
from tesweb.exchange.services import Importer

#: Exit codes: some rows were left out; a whole file was.
SOME_ROWS_BAD, A_FILE_FAILED = 1, 2


@click.group()
def exchange() -> None:
    """Take in what billing sends.

    Accounts, meters, readings, charges and payments come as CSV files; docs/exchange.md describes
    them, and `tesweb demo` leaves a full example in the folder var/demo/billing.
    """


@exchange.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every bad row to this CSV file: file, line, column, reason.",
)
@click.option(
    "--encoding",
    type=click.Choice([encoding.value for encoding in Encoding]),
    help="The letters' encoding, where the files do not tell.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@in_application
def import_files(
    files: tuple[Path, ...], errors: Path | None, encoding: str | None, *, as_json: bool
) -> None:
    """Take in FILES from billing, in any order.

    Run `tesweb db upgrade` before the first one.

    \b
    Each file is a CSV with one of five headers; docs/exchange.md lists the columns:
      accounts   who is supplied where, at which tariff
      meters     the registers of each meter
      readings   what registers showed
      charges    what is owed, line by line
      payments   what was paid

    The header decides what a file is, not its name. UTF-8 or cp1251, semicolons or commas are
    found out. A good row goes in even when others are bad; a file that breaks off, or whose header
    is unknown, leaves nothing behind. The same file twice changes nothing. Residents can send
    readings meanwhile.

    Exit code: 0 all rows are in, 1 some rows were bad, 2 a whole file was refused.
    """  # noqa: D301 - \b is click's mark for a paragraph that is not refilled
    importer = Importer(
        core().database, core().regions, Encoding(encoding) if encoding is not None else None
    )
    hidden = as_json or not sys.stderr.isatty()
    total = sum(file.stat().st_size for file in files)
    bar = click.progressbar(length=total, label="reading", file=sys.stderr, hidden=hidden)
    with bar, BadRowsFile(errors) as bad_rows:
        reports = list(importer.run(files, bad_rows, bar.update))
    answer = {"files": [_answer(report) for report in reports]}
    say(answer, as_json=as_json, text="\n".join(_text(report) for report in reports))
    sys.exit(_exit_code(reports))


def _exit_code(reports: list[FileReport]) -> int:
    if any(report.failure for report in reports):
        return A_FILE_FAILED
    return SOME_ROWS_BAD if any(report.counts[Verdict.BAD] for report in reports) else 0


def _answer(report: FileReport) -> dict[str, Any]:
    counts = {verdict.value: count for verdict, count in report.counts.items()}
    return dataclasses.asdict(report) | {"counts": counts, "rows": report.rows}


def _text(report: FileReport) -> str:
    if report.failure:
        return f"{report.file}: refused, nothing of it was taken in\n  {report.failure}"
    counts = ", ".join(f"{count:,} {verdict}" for verdict, count in report.counts.items() if count)
    lines = [f"{report.file}: {report.kind}: {counts or 'no rows'} ({report.seconds:.1f} s)"]
    if report.followed:
        lines.append(f"  {report.followed:,} later readings: consumption counted anew")
    lines += [
        f"  line {bad.line}{f', {bad.column}' if bad.column else ''}: {bad.reason}"
        for bad in report.bad_rows
    ]
    hidden = report.counts[Verdict.BAD] - len(report.bad_rows)
    if hidden:
        lines.append(f"  … and {hidden:,} more; --errors FILE writes them all")
    return "\n".join(lines)
