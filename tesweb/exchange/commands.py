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
from tesweb.exchange.outgoing import NoSuchExport, Written, export, export_again
from tesweb.exchange.report import BadRowsFile, FileReport
from tesweb.exchange.services import Importer
from tesweb.money import Kopecks, format_rubles

#: Exit codes: some rows were left out; a whole file was.
SOME_ROWS_BAD, A_FILE_FAILED = 1, 2


@click.group()
def exchange() -> None:
    """Take in what billing sends, and give it what was paid here.

    Accounts, meters, readings, charges and payments come as CSV files; docs/exchange.md describes
    them, and `tesweb demo` leaves a full example in the folder var/demo/billing.
    """


@exchange.group("export")
def export_group() -> None:
    """Write files for billing."""


@export_group.command("payments")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--again", type=click.IntRange(1), help="Write the file of this number once more.")
@click.option(
    "--encoding",
    type=click.Choice([encoding.value for encoding in Encoding]),
    default=Encoding.UTF_8.value,
    show_default=True,
    help="The letters' encoding.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
@in_application
def export_payments(
    ctx: click.Context, folder: Path, again: int | None, encoding: str, *, as_json: bool
) -> None:
    """Write what was paid here, and what went back, into FOLDER.

    Each call writes one file of what has come since the last one, tesweb-payments-000017.csv, and
    none where nothing has. The files are numbered without a gap, each payment is in one of them, an
    account's come in their order. Run it by cron as often as billing looks; while billing is down
    the files wait in the folder. While the folder is not there nothing is lost either: the next
    call writes what this one could not. --again writes an old file once more, the same as it was.

    Exit code: 0 all is written, 2 something is not; call again.
    """
    letters = Encoding(encoding)
    try:
        found = [export_again(again, folder, letters)] if again else export(folder, letters)
    except NoSuchExport:
        click.echo(f"no file {again} was ever made", err=True)
        ctx.exit(A_FILE_FAILED)
    except OSError as error:
        click.echo(f"{folder}: not written, call again: {error.strerror}", err=True)
        ctx.exit(A_FILE_FAILED)
    files = [dataclasses.asdict(each) for each in found]
    told = "\n".join(map(_line, found)) or "nothing new"
    say({"files": files}, as_json=as_json, text=told)


def _line(written: Written) -> str:
    total = format_rubles(Kopecks(written.total)).replace("\N{NO-BREAK SPACE}", " ")
    return f"{written.file}: {written.lines:,} lines, {total}"


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
