"""`tesweb readings disputes`: what the operator does with requests about refused readings."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from tesweb.api import (
    BadValue,
    LowerThanBefore,
    MonthClosed,
    NotAccepted,
    RegisterId,
    Source,
    core,
)
from tesweb_readings.services import Answered, Held, Outdated, Taking, refuse, take
from tesweb_readings.statements import DISPUTE_BY_NUMBER, DISPUTE_VALUES, PHOTO, WAITING

#: What a request's number can be; the database holds no greater one.
_NUMBER = click.IntRange(1, 2**63 - 1)
_CHARGED = re.compile(r"([0-9]{1,4})-([0-9]{1,4})=([0-9]{1,9}(?:\.[0-9]{1,3})?)", re.ASCII)


@click.group()
def disputes() -> None:
    """Answer readings that the rules refuse.

    A resident whose meter shows what the rules refuse may send a request. Look at it, take it or
    refuse it; the resident reads the answer on the request's page.
    """


@disputes.command("list")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def waiting(*, as_json: bool) -> None:
    """List the requests that wait, the oldest first.

    One on hold was sent from a cabinet that is locked, since a moment from which its owner trusts
    nothing: it can be refused, and taken once the cabinet is open. It is called doubted then.
    """
    with core().database.read() as reader:
        found = [_facts(row) for row in reader.execute(WAITING).all()]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for fact in found:
        photo = ", with a photo" if fact["has_photo"] else ""
        doubt = ", on hold" if fact["on_hold"] else ", doubted" if fact["doubted"] else ""
        click.echo(f"{fact['number']}: account {fact['account']}, {fact['sent_at']}{photo}{doubt}")
    click.echo(f"{len(found)} waiting")


@disputes.command()
@click.argument("number", type=_NUMBER)
@click.option(
    "--photo",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the photo to this file.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def show(number: int, photo: Path | None, *, as_json: bool) -> None:
    """Show one request with its values.

    NUMBER is the one that `list` shows. Each value stands beside METER-REGISTER, as 1-2.
    """
    with core().database.read() as reader:
        row = reader.execute(DISPUTE_BY_NUMBER, {"id": number}).first()
        if row is None:
            raise click.ClickException(f"there is no request {number}")
        asked = {"account_id": row.account_id, "id": number}
        values = {
            f"{value.meter_no}-{value.register_no}": str(value.value)
            for value in reader.execute(DISPUTE_VALUES, asked).all()
        }
        picture = reader.execute(PHOTO, asked).scalar() if photo else None
    if photo is not None:
        if picture is None:
            raise click.ClickException("the request has no photo")
        photo.write_bytes(picture)
    facts = _facts(row) | {"values": values}
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


@disputes.command()
@click.argument("number", type=_NUMBER)
@click.option(
    "--source",
    type=click.Choice([Source.INSPECTOR.value, Source.SUPPLIER.value]),
    default=Source.INSPECTOR.value,
    show_default=True,
    help="Who vouches for the reading.",
)
@click.option(
    "--consumed",
    multiple=True,
    metavar="METER-REGISTER=KWH",
    help="What to charge where a value is lower than the one before, as 1-2=14.",
)
@click.option("--why", default="", help="What the resident reads beside the answer.")
@click.option(
    "--replace",
    is_flag=True,
    help="Take it even if the month has a reading that is newer than the request.",
)
def accept(number: int, source: str, consumed: tuple[str, ...], why: str, *, replace: bool) -> None:
    """Take the readings of a request as they were sent.

    NUMBER is the one that `list` shows. A value that is lower than the one before wants
    --consumed; the command then says which answers there are.
    """
    charged = dict(_charged(text) for text in consumed)
    taking = Taking(Source(source), why, charged, replaces=replace)
    period = _answer(lambda: take(number, taking))
    click.echo(f"request {number}: taken for {period:%Y-%m}")


@disputes.command("refuse")
@click.argument("number", type=_NUMBER)
@click.option("--why", required=True, help="What the resident reads beside the answer.")
def turn_down(number: int, why: str) -> None:
    """Refuse a request and tell the resident why.

    NUMBER is the one that `list` shows.
    """
    _answer(lambda: refuse(number, why))
    click.echo(f"request {number}: refused")


def _answer(act: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the act gives
    try:
        return act()
    except Answered as error:
        raise click.ClickException("there is no request of this number without answer") from error
    except LowerThanBefore as error:
        place = "-".join(map(str, error.register))
        raise click.ClickException(
            f"register {place} is lower than before; say what to charge: "
            f"--consumed {place}={error.rolled_over} if it has started at zero again, "
            f"--consumed {place}=0 if the reading before was wrong"
        ) from error
    except Held as error:
        raise click.ClickException(
            "the cabinet that it was sent from is locked, and its owner may not have sent it; "
            "refuse it if the owner says so, or wait until the cabinet is open"
        ) from error
    except Outdated as error:
        place = "-".join(map(str, error.register))
        raise click.ClickException(
            f"register {place} has shown {error.value} for this month since the request was sent; "
            "refuse the request, or say --replace if the request is right"
        ) from error
    except MonthClosed as error:
        raise click.ClickException(
            f"there is a reading for {error.later:%Y-%m} already; put this one in through billing"
        ) from error
    except (NotAccepted, BadValue, LookupError) as error:
        raise click.ClickException(f"it cannot be taken: {error}") from error


def _charged(text: str) -> tuple[RegisterId, Decimal]:
    found = _CHARGED.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not of the form 1-2=14")
    return (int(found[1]), int(found[2])), Decimal(found[3])


def _facts(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of WAITING
    return {
        "number": row.id,
        "account": row.number,
        "region": row.region,
        "sent_at": row.sent_at.isoformat(timespec="minutes"),
        "period": f"{row.period:%Y-%m}",
        "comment": row.comment,
        "has_photo": bool(row.has_photo),
        "on_hold": bool(row.is_held),
        "doubted": bool(row.is_doubted),
        "answer": row.answer,
        "reason": row.reason,
    }
