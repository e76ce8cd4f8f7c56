"""`tesweb reconcile`: what the bank says it has paid out, beside what our books say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from tesweb.cashier import services
from tesweb.cashier.registers import BadRegister, read_file
from tesweb.cashier.rules import Comparison, Missing, Theirs, sums_of
from tesweb.cashier.services import NoSuchGateway, NotYet, ReadIn, by_day, fetch_register, read_in
from tesweb.commands.context import in_application, say
from tesweb.current import core
from tesweb.money import Kopecks, format_rubles
from tesweb.payments.gateways import CannotDo
from tesweb.payments.protocol import GatewayError

#: Exit codes.
DIFFERENCES, NOT_DONE = 1, 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A day of a gateway, read in and compared."""

    gateway: str
    day: date
    read: ReadIn
    found: Comparison


class NotRead(click.ClickException):
    """No register was read; nothing has changed."""

    exit_code = NOT_DONE


@click.command()
@click.option("--gateway", help="Of which bank; else of each that gives its register itself.")
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the bank's calendar; else yesterday by Moscow.",
)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A register as a CSV file, for a bank that gives none itself; needs --gateway.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.pass_context
@in_application
def reconcile(
    ctx: click.Context,
    gateway: str | None,
    day: datetime | None,
    file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Lay a day's register of a bank beside our books.

    Reads the register in, each line once: the same again changes nothing, a longer one adds what is
    new. Each line becomes a balanced transaction in the books; money of no order waits in suspense.
    An order that any register knows to be paid and we did not is asked about and credited; how many
    are left is told.

    \b
    Three lists are told:
      ours only      money in our books that no register has
      theirs only    money in the register that belongs to no order; it is in suspense
      differs        the register has another sum than we

    Money near midnight may stand in the register of a neighbouring day: until that one is read it
    is told as waiting and is no difference. docs/money.md tells what to do about each line, and the
    columns of the file; /operator/money/reconcile shows the same.

    Exit code: 0 all agrees, 1 there are differences or payments that we could not catch up with,
    2 no register was read.
    """  # noqa: D301 - \b is click's mark for a paragraph that is not refilled
    if file is not None:
        answers = list(_of_file(gateway, day.date() if day else None, file))
    else:
        chosen = day.date() if day else services.yesterday()
        answers = [_of_bank(name, chosen) for name in _gateways(gateway)]
    told = [_told(answer) for answer in answers]
    say({"registers": told}, as_json=as_json, text="\n".join(map(_text, answers)))
    if any(it.found.differences or it.read.foreign or it.read.behind for it in answers):
        ctx.exit(DIFFERENCES)


def _gateways(wanted: str | None) -> list[str]:
    names = [wanted] if wanted else services.with_register()
    if not names:
        raise NotRead("no gateway that is installed gives its register: use --gateway and --file")
    return names


def _of_bank(gateway: str, day: date) -> Answer:
    try:
        read = fetch_register(gateway, day)
    except NotYet:
        raise NotRead(f"{day} has not come yet, by Moscow") from None
    except NoSuchGateway:
        raise NotRead(_unknown(gateway)) from None
    except CannotDo:
        raise NotRead(f"{gateway} does not give its register: use --file") from None
    except GatewayError as error:
        raise NotRead(f"{gateway} gave no register, try again later: {error}") from None
    return Answer(gateway, day, read, services.reconcile(gateway, day))


def _of_file(gateway: str | None, day: date | None, file: Path) -> Iterable[Answer]:
    if gateway is None:
        raise NotRead("whose register is it? Name the bank by --gateway")
    try:
        days = by_day(read_file(file))
        if day is not None and set(days) != {day}:
            raise NotRead(f"{file}: it has lines of {', '.join(map(str, days))}, by Moscow")
        read = {each: read_in(gateway, each, lines) for each, lines in days.items()}
    except BadRegister as error:
        raise NotRead(f"{file}: refused, nothing of it was taken\n  {error}") from None
    except NoSuchGateway:
        raise NotRead(_unknown(gateway)) from None
    for each, brought in read.items():
        yield Answer(gateway, each, brought, services.reconcile(gateway, each))


def _unknown(gateway: str) -> str:
    installed = ", ".join(sorted(core().gateways)) or "none"
    return f"there is no gateway {gateway!r}; installed: {installed}"


def _told(answer: Answer) -> dict[str, Any]:
    found, sums = answer.found, sums_of(answer.found.lines)
    return {
        "gateway": answer.gateway,
        "day": answer.day.isoformat(),
        "read": {
            "new": answer.read.new,
            "known": answer.read.known,
            "foreign": answer.read.foreign,
            "behind": answer.read.behind,
        },
        "sums": {
            "payments": sums.payments,
            "refunds": sums.refunds,
            "fees": sums.fees,
            "to_bank": sums.to_bank,
        },
        "agreed": len(found.agreed),
        "resolved": len(found.resolved),
        "ours_only": [_missing(each) for each in found.ours_only],
        "theirs_only": [_line(each) for each in found.theirs_only],
        "differ": [
            {"order": each.order_id, "ours": each.ours} | _line(each.line) for each in found.differ
        ],
        "waiting": [_missing(each) for each in found.waiting],
    }


def _missing(each: Missing) -> dict[str, Any]:
    return {
        "order": each.ours.order_id,
        "amount": each.ours.amount,
        "at": each.ours.at.isoformat(timespec="seconds"),
        "waits": [day.isoformat() for day in each.waits],
    }


def _line(line: Theirs) -> dict[str, Any]:
    return {
        "line": line.line_id,
        "reference": line.reference,
        "amount": line.amount,
        "fee": line.fee,
        "at": line.at.isoformat(timespec="seconds"),
    }


def _text(answer: Answer) -> str:
    found, read, sums = answer.found, answer.read, sums_of(answer.found.lines)
    flow = (
        f"  payments {_rubles(sums.payments)}, refunds {_rubles(sums.refunds)}, "
        f"fees {_rubles(sums.fees)}, to the account {_rubles(sums.to_bank)}"
    )
    counts = (
        f"  {len(found.agreed)} agree, {len(found.ours_only)} ours only, "
        f"{len(found.theirs_only)} theirs only, {len(found.differ)} differ, "
        f"{len(found.waiting)} waiting"
    )
    head = f"{answer.gateway}, {answer.day}: {read.new} new lines, {read.known} known"
    lines = [head, flow, counts, *_lists(found)]
    if read.foreign:
        lines.append(f"  {read.foreign} lines in other money than rubles: see the alarms")
    if read.behind:
        lines.append(
            f"  {read.behind} payments of which the registers know more than we do: "
            "the bank has not answered about them, read it again later"
        )
    return "\n".join(lines)


def _lists(found: Comparison) -> list[str]:
    lines = [
        f"  ours only: order {it.ours.order_id}, {_rubles(it.ours.amount)}"
        for it in found.ours_only
    ]
    lines += [
        f"  theirs only: {it.reference}, {_rubles(it.amount)}, in suspense"
        for it in found.theirs_only
    ]
    lines += [
        f"  differs: order {it.order_id}, ours {_rubles(it.ours)}, theirs {_rubles(it.line.amount)}"
        for it in found.differ
    ]
    lines += [
        f"  waiting: order {it.ours.order_id}, {_rubles(it.ours.amount)}, "
        f"may stand in the register of {', '.join(map(str, it.waits))}"
        for it in found.waiting
    ]
    return lines


def _rubles(amount: Kopecks) -> str:
    return format_rubles(amount).replace("\u00a0", " ")
