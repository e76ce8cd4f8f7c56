"""A person's accounts: the list, names, order, linking one more, taking one out."""

from flask import Response, abort, request

from tesweb import htmx
from tesweb.accounts import invitations, people
from tesweb.accounts.forms import NOT_PROVED, ROLES, TOO_MANY_PROOFS, NicknameForm, ProofForm
from tesweb.accounts.models import Proof, Role
from tesweb.accounts.proofs import NotProved, Proved, TooManyProofs, check, full_kinds_of, kinds_of
from tesweb.accounts.routes import blueprint
from tesweb.accounts.services import (
    begin,
    begun,
    finish,
    members_of,
    move,
    name_account,
    pending,
    unlink,
    waiting,
)
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.identity.challenges import Refused
from tesweb.regions.region import Region

#: Modules whose routes hang on the blueprint once they are imported.
__all__ = ["blueprint", "invitations", "people"]
_STEPS = {"up": -1, "down": 1}


@blueprint.get("/profile/accounts")
@policy.signed_in
def mine() -> Response:
    """The accounts in the person's own order, and what its owners were asked."""
    return _mine(NicknameForm())


@blueprint.post("/profile/accounts/<int:account_id>/nickname")
@policy.member(Role.READER)
def nickname(account: LinkedAccount) -> Response:
    """Call an account something else, or by its address again."""
    form = NicknameForm()
    if not form.validate_on_submit():
        return _mine(form, account.id, 422)
    with core().database.work() as work:
        name_account(work, policy.visitor().id, account.id, form.nickname.data)
    return htmx.redirect(".mine", done="named")


@blueprint.post("/profile/accounts/<int:account_id>/move")
@policy.member(Role.READER)
def reorder(account: LinkedAccount) -> Response:
    """Move an account up or down; the first one is what the home page shows."""
    steps = _STEPS.get(request.form.get("to", ""))
    if steps is None:
        abort(400)
    with core().database.work() as work:
        move(work, policy.visitor().id, account.id, steps)
    return htmx.redirect(".mine", done="moved")


@blueprint.get("/profile/accounts/<int:account_id>/unlink")
@policy.fresh
@policy.member(Role.READER)
def leaving(account: LinkedAccount) -> Response:
    """What it means to take the account out, before it is done."""
    members = members_of(connection(), account.id)
    owners = [member.user_id for member in members if member.role is Role.OWNER]
    is_last = owners == [policy.visitor().id]
    return htmx.render(
        "accounts/unlink.html", account=account, is_last=is_last, others=len(members) - 1
    )


@blueprint.post("/profile/accounts/<int:account_id>/unlink")
@policy.fresh
@policy.member(Role.READER)
def leave(account: LinkedAccount) -> Response:
    """Take the account out."""
    with core().database.work() as work:
        unlink(work, policy.visitor().id, account.id)
    return htmx.redirect(".mine", done="unlinked")


@blueprint.get("/profile/accounts/link")
@policy.fresh
@policy.signed_in
def link() -> Response:
    """Which account, and what proves it; `full` asks for one thing more."""
    region = _region()
    return _asking(ProofForm(region, _kinds(region)))


@blueprint.post("/profile/accounts/link")
@policy.fresh
@policy.signed_in
def prove() -> Response:
    """Check the proof; the address is not shown before it is right."""
    region = _region()
    form = ProofForm(region, _kinds(region))
    if not form.validate_on_submit():
        return _asking(form, 422)
    try:
        proved = check(region, form.account_number, form.answers)
    except NotProved:
        return _asking(form, 422, str(NOT_PROVED))
    except TooManyProofs:
        return _asking(form, 429, str(TOO_MANY_PROOFS))
    with core().database.work() as work:
        begin(work, policy.visitor().id, proved)
    return htmx.redirect(".confirm")


@blueprint.get("/profile/accounts/link/confirm")
@policy.fresh
@policy.signed_in
def confirm() -> Response:
    """The address, masked, and the question whether it is the right one."""
    try:
        with core().database.work() as work:
            proved = begun(work, policy.visitor().id)
    except Refused:
        return htmx.redirect(".link")
    return _confirming(proved)


@blueprint.post("/profile/accounts/link/confirm")
@policy.fresh
@policy.signed_in
def add() -> Response:
    """Link it, or ask its owners."""
    try:
        with core().database.work() as work:
            outcome = finish(work, policy.visitor().id)
    except Refused:
        return htmx.redirect(".link")
    return htmx.redirect(".mine", done=outcome.value)


def _mine(form: NicknameForm, wrong: int = 0, status: int = 200) -> Response:
    person = policy.visitor()
    return htmx.render(
        "accounts/mine.html",
        status,
        accounts=person.accounts,
        roles=ROLES,
        pending=pending(connection(), person.id),
        waiting=waiting(connection(), person.id),
        form=form,
        wrong=wrong,
        region_of=core().region,
        done=request.args.get("done", ""),
    )


def _asking(form: ProofForm, status: int = 200, refusal: str = "") -> Response:
    others = [region for region in core().regions.values() if region is not form.region]
    return htmx.render(
        "accounts/link.html",
        status,
        form=form,
        refusal=refusal,
        is_full=form.kinds == full_kinds_of(form.region),
        others=others,
    )


def _confirming(proved: Proved) -> Response:
    members = members_of(connection(), proved.account_id)
    return htmx.render(
        "accounts/confirm.html",
        address=proved.masked_address,
        has_it=policy.visitor().account(proved.account_id) is not None,
        asks_owner=not proved.is_full and any(member.role is Role.OWNER for member in members),
    )


def _kinds(region: Region) -> tuple[Proof, ...]:
    return full_kinds_of(region) if "full" in request.args else kinds_of(region)


def _region() -> Region:
    """The region in the address; else the one of the person's first account."""
    accounts = policy.visitor().accounts
    usual = core().region(accounts[0].region) if accounts else core().default_region
    return core().regions.get(request.args.get("region", ""), usual)
