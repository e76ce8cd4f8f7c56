"""`tesweb sandbox_bank serve`, and what it starts."""

import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from importlib import import_module
from pathlib import Path

import click

from tesweb_sandbox_bank.guard import is_here, refusal


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8010,
    show_default=True,
    help="Listen on this port of this machine; 0 takes a free one.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the bank keeps its books: a folder of a demo.",
)
@click.option("--shop-id", default="100500", show_default=True, help="The shop's number.")
@click.option(
    "--secret-key",
    envvar="SANDBOX_BANK_SECRET_KEY",
    required=True,
    help="The shop's secret key; better as SANDBOX_BANK_SECRET_KEY.",
)
@click.option("--notify-url", default="", help="Where notices go; on this machine only.")
@click.option(
    "--notify-key",
    envvar="SANDBOX_BANK_NOTIFY_KEY",
    default="",
    help="Sign notices with it; YooKassa's are not signed.",
)
@click.option(
    "--inbox",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for text messages: <demo>/inbox.",
)
@click.option("--origin", default="", help="Where browsers reach it, where that differs.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Pretend that it is this day.")
@click.option("--with-parent", is_flag=True, help="End when standard input ends.")
def serve(  # noqa: PLR0913 - one for each option
    *,
    port: int,
    folder: Path,
    shop_id: str,
    secret_key: str,
    notify_url: str,
    notify_key: str,
    inbox: Path | None,
    origin: str,
    today: datetime | None,
    with_parent: bool,
) -> None:
    """Serve a bank for trials beside a demo.

    It speaks YooKassa's API v3 below /v3, shows the pages where a payer types a test card, and has
    a panel for faults at /faults. Starts only in a demo's folder or with TESWEB_DEMO=1, listens on
    this machine only and prints a line of JSON as soon as it answers.
    """
    _check(folder, notify_url, origin)
    # Flask and the pages are nothing that the command line of a real server should load.
    running = import_module("tesweb_sandbox_bank.running")
    options = running.Options(origin, folder, shop_id, secret_key, notify_url, notify_key, inbox)
    try:
        server = running.listening(port)
    except OSError as error:
        raise click.ClickException(f"port {port} is taken") from error
    if not origin:
        options = replace(options, origin=server.origin)
    told = {"address": options.origin, "api": options.address, "shop_id": shop_id}
    running.serve(
        server,
        running.opened(options, _shift(today), secrets.token_hex(32)),
        lambda: click.echo(json.dumps(told)),
        with_parent=with_parent,
    )


def _check(folder: Path, *urls: str) -> None:
    """End where the bank must not start; else its folder is there."""
    reason = refusal(folder)
    if reason is not None:
        raise click.ClickException(reason)
    if not all(is_here(url) for url in urls if url):
        raise click.ClickException("--notify-url and --origin must be on this machine")
    folder.mkdir(parents=True, exist_ok=True)


def _shift(today: datetime | None) -> timedelta:
    """How far the clock is moved: the demo's day begins at the same hour."""
    if today is None:
        return timedelta(0)
    return datetime.combine(today.date(), time(7), UTC) - datetime.now(UTC)
