"""`tesweb demo`: a whole supplier on one's own machine, made up and thrown away."""

import secrets
import shutil
import socket
import threading
import time
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from tesweb.clock import local_day
from tesweb.commands.context import application, plugins_of, say, settings
from tesweb.commands.store import opened, plainly
from tesweb.config import Settings
from tesweb.database import migrations
from tesweb.demo import bank as banks
from tesweb.demo.build import MONTHS, CannotBuild, DemoState, build
from tesweb.serve import free_folder, hand_over, serve

MARKER = "made-by-tesweb-demo"


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Listen on this port of this machine; 0 takes a free one.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demo keeps its state; emptied at each start.",
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Pretend that it is this day.")
@click.option(
    "--accounts",
    type=click.IntRange(50, 100_000),
    default=500,
    show_default=True,
    help="How many accounts to make up in Tyumen; some more live in Vladivostok.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many server processes to start.",
)
@click.option("--json", "as_json", is_flag=True, help="Print address and users as JSON.")
def demo(  # noqa: PLR0913 - one for each option
    port: int, folder: Path, today: datetime | None, accounts: int, workers: int, *, as_json: bool
) -> None:
    """Make up a supplier and serve it on this machine.

    Hundreds of accounts with 24 months of readings, charges and payments, made anew at each start.
    The address and the demo users with their passwords are printed as soon as the server answers.
    Needs no settings and touches no database but its own. Ends with Ctrl+C.
    """
    if port and _answers(port):
        raise click.ClickException(f"port {port} is taken; end what listens there or say --port")
    begun = time.monotonic()
    chosen = _prepare(folder, port or _free_port(), today, workers)
    bank = banks.start(chosen, _free_port(), None if today is None else today.date())
    try:
        chosen = banks.paid_at(bank, chosen)
        hand_over(chosen)
        state = _fill(chosen, accounts, quiet=as_json)
        _await(bank)
        chosen = _gone_on(chosen, time.monotonic() - begun)
        hand_over(chosen)
        address = f"http://localhost:{chosen.port}/"
        threading.Thread(
            target=_announce, args=(address, chosen.port, state, bank, as_json), daemon=True
        ).start()
        serve(chosen)
    finally:
        if bank is not None:
            bank.stop()


def _gone_on(chosen: Settings, seconds: float) -> Settings:
    """The same, with the time that has gone by: what was made is not to be made in the future."""
    if chosen.pretend_now is None:
        return chosen
    moment = chosen.pretend_now + timedelta(seconds=seconds)
    return chosen.model_copy(update={"pretend_now": moment})


def _await(bank: banks.Bank | None) -> None:
    try:
        if bank is not None:
            bank.wait()
    except banks.BankFailed as error:
        raise click.ClickException(str(error)) from error


def _prepare(folder: Path, port: int, today: datetime | None, workers: int) -> Settings:
    if not free_folder(folder, MARKER):
        raise click.ClickException(f"{folder} holds something else; choose another --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    noon = None if today is None else datetime.combine(today.date(), day_time(7), UTC)
    return settings(
        folder=folder.resolve(),
        database="",
        secret_key=SecretStr(secrets.token_hex(32)),
        address="127.0.0.1",
        port=port,
        public_address=f"http://localhost:{port}",
        workers=workers,
        pretend_now=noon,
        demo=True,
        default_region="tyumen",
        debug=False,
    )


def _fill(chosen: Settings, accounts: int, *, quiet: bool) -> DemoState:
    with opened(chosen) as database:
        list(migrations.upgrade(database, plugins_of(chosen)))
    app = application(chosen)
    parts = app.extensions["tesweb"]
    if not quiet:
        click.echo("making up a supplier …", err=True)
    with app.app_context(), closing(parts.database) as database, plainly(database):
        today: date = local_day(parts.clock.now(), parts.default_region.timezone)
        try:
            state = build(parts, chosen.folder / "billing", today=today, accounts=accounts)
        except CannotBuild as error:
            raise click.ClickException(str(error)) from error
    if not quiet:
        click.echo(f"made {state.accounts:,} accounts of {MONTHS} months", err=True)
    return state


def _announce(
    address: str,
    port: int,
    state: DemoState,
    bank: banks.Bank | None,
    as_json: bool,  # noqa: FBT001 - a thread's argument
) -> None:
    while not _answers(port):
        time.sleep(0.05)
    users = [
        {
            "login": user.login,
            "password": user.password,
            "accounts": list(user.accounts),
            "about": user.about,
        }
        for user in state.users
    ]
    free = [asdict(account) for account in state.free_accounts]
    lines = [f"{user['login']:<10} {user['password']:<22} {user['about']}" for user in users]
    lines += [f"{account.number:<33} {account.about}" for account in state.free_accounts]
    lines += [f"{'bank':<10} {bank.address}" for bank in [bank] if bank is not None]
    lines += [f"{'inbox':<10} {address}dev/inbox"]
    text = "\n".join((f"\n  {address}\n", *(f"  {line}" for line in lines), "\n  Ctrl+C ends it."))
    facts: dict[str, Any] = {"address": address, "users": users, "free_accounts": free}
    facts["bank"] = None if bank is None else bank.facts()
    facts["inbox"] = f"{address}dev/inbox"
    say(facts, as_json=as_json, text=text)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
