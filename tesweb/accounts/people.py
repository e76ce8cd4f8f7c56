"""Who has access to an account: for its owners."""

from flask import Response, abort, request
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.accounts.forms import ROLES, InviteForm, RoleForm
from tesweb.accounts.households import (
    NotTheirs,
    answer,
    change_role,
    invitations,
    invite,
    remove,
    revoke,
)
from tesweb.accounts.models import Role
from tesweb.accounts.routes import blueprint
from tesweb.accounts.rules import mask_name
from tesweb.accounts.services import Member, members_of, questions
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.identity.challenges import Refused

_PEOPLE = "/accounts/<int:account_id>/people"


@blueprint.get(_PEOPLE, endpoint="people")
@policy.member(Role.OWNER)
def page(account: LinkedAccount) -> Response:
    """Members, questions that wait for an answer, and invitations that nobody has used yet."""
    return htmx.render(
        "accounts/people.html",
        account=account,
        members=members_of(connection(), account.id),
        questions=[(row, mask_name(row.name)) for row in questions(connection(), account.id)],
        invitations=invitations(connection(), account.id),
        roles=ROLES,
        Role=Role,
        me=policy.visitor().id,
        done=request.args.get("done", ""),
    )


@blueprint.get(f"{_PEOPLE}/invite")
@policy.fresh
@policy.member(Role.OWNER)
def inviting(account: LinkedAccount) -> Response:
    """The form for an invitation."""
    return _inviting(InviteForm(), account)


@blueprint.post(f"{_PEOPLE}/invite")
@policy.fresh
@policy.member(Role.OWNER)
def send_invitation(account: LinkedAccount) -> Response:
    """Send it."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _inviting(form, account, 422)
    with core().database.work() as work:
        is_sent = invite(work, policy.visitor(), account, form.to, form.chosen)
    if not is_sent:
        form.contact.errors = [
            _("Too many messages went there today. Try again tomorrow, or use another address.")
        ]
        return _inviting(form, account, 429)
    return htmx.redirect(".people", account_id=account.id, done="invited")


@blueprint.post(f"{_PEOPLE}/invitations/<int:invitation_id>/revoke")
@policy.member(Role.OWNER)
def revoke_invitation(account: LinkedAccount, invitation_id: int) -> Response:
    """Make an invitation worthless."""
    try:
        with core().database.work() as work:
            revoke(work, account.id, invitation_id)
    except Refused:
        abort(404)
    return htmx.redirect(".people", account_id=account.id, done="revoked")


@blueprint.get(f"{_PEOPLE}/questions/<int:question_id>")
@policy.fresh
@policy.member(Role.OWNER)
def question(account: LinkedAccount, question_id: int) -> Response:
    """Somebody asks for access: yes or no."""
    return _question(RoleForm(), account, question_id)


@blueprint.post(f"{_PEOPLE}/questions/<int:question_id>")
@policy.fresh
@policy.member(Role.OWNER)
def decide(account: LinkedAccount, question_id: int) -> Response:
    """Give access in the chosen role, or refuse it."""
    form, allows = RoleForm(), request.form.get("answer") == "allow"
    if allows and not form.validate_on_submit():
        return _question(form, account, question_id, 422)
    try:
        with core().database.work() as work:
            answer(work, account.id, question_id, form.chosen if allows else None)
    except Refused:
        abort(404)
    return htmx.redirect(".people", account_id=account.id, done="allowed" if allows else "refused")


@blueprint.get(f"{_PEOPLE}/<int:user_id>")
@policy.fresh
@policy.member(Role.OWNER)
def person(account: LinkedAccount, user_id: int) -> Response:
    """What a member may do, and the end of it."""
    return _person(RoleForm(), account, user_id)


@blueprint.post(f"{_PEOPLE}/<int:user_id>/role")
@policy.fresh
@policy.member(Role.OWNER)
def set_role(account: LinkedAccount, user_id: int) -> Response:
    """Let a member do more or less."""
    form = RoleForm()
    if not form.validate_on_submit():
        return _person(form, account, user_id, 422)
    try:
        with core().database.work() as work:
            change_role(work, account.id, user_id, form.chosen)
    except NotTheirs:
        abort(404)
    return htmx.redirect(".people", account_id=account.id, done="changed")


@blueprint.post(f"{_PEOPLE}/<int:user_id>/remove")
@policy.fresh
@policy.member(Role.OWNER)
def remove_person(account: LinkedAccount, user_id: int) -> Response:
    """End a member's access."""
    try:
        with core().database.work() as work:
            remove(work, account.id, user_id)
    except NotTheirs:
        abort(404)
    return htmx.redirect(".people", account_id=account.id, done="removed")


def _inviting(form: InviteForm, account: LinkedAccount, status: int = 200) -> Response:
    return htmx.render("accounts/invite.html", status, form=form, account=account, roles=ROLES)


def _question(
    form: RoleForm, account: LinkedAccount, question_id: int, status: int = 200
) -> Response:
    found = [row for row in questions(connection(), account.id) if row.id == question_id]
    if not found:
        abort(404)
    return htmx.render(
        "accounts/question.html",
        status,
        form=form,
        account=account,
        question=found[0],
        name=mask_name(found[0].name),
        roles=ROLES,
    )


def _person(form: RoleForm, account: LinkedAccount, user_id: int, status: int = 200) -> Response:
    member = _member(account, user_id)
    if not form.is_submitted():
        form.role.data = member.role.value
    return htmx.render(
        "accounts/person.html", status, form=form, account=account, member=member, roles=ROLES
    )


def _member(account: LinkedAccount, user_id: int) -> Member:
    """Somebody whom an owner may change: not an owner."""
    found = [each for each in members_of(connection(), account.id) if each.user_id == user_id]
    if not found or found[0].role is Role.OWNER:
        abort(404)
    return found[0]
