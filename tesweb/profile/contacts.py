"""E-mail and phone: shown masked, changed by a link or a code."""

import json
import re

from flask import Response, request
from flask_babel import gettext as _

from tesweb import hookspecs, htmx
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.identity.challenges import Exhausted, Refused
from tesweb.identity.contacts import mask_email, mask_phone, spaced_phone
from tesweb.profile.forms import CodeForm, EmailForm, PhoneForm
from tesweb.profile.routes import blueprint
from tesweb.profile.services import (
    LastContact,
    Taken,
    TooOften,
    ask_email,
    ask_phone,
    confirm_email,
    confirm_phone,
    email_of_link,
    phone_of_code,
    remove_phone,
)
from tesweb.profile.statements import CONTACTS, PENDING_EMAIL

_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015]")


@blueprint.get("/contacts")
@policy.signed_in
def contacts() -> Response:
    """Both, masked, and the address that waits for its link."""
    email, phone = _contacts()
    waiting = _pending()
    return htmx.render(
        "profile/contacts.html",
        email=mask_email(email) if email else None,
        phone=mask_phone(phone) if phone else None,
        pending=mask_email(waiting) if waiting else None,
        by_phone=_is_sms_carried(),
        done=request.args.get("done", ""),
    )


@blueprint.get("/contacts/email")
@policy.fresh
@policy.signed_in
def email() -> Response:
    """The form for a new address."""
    return htmx.render("profile/email.html", form=EmailForm())


@blueprint.post("/contacts/email")
@policy.fresh
@policy.signed_in
def send_email() -> Response:
    """Send the link to a new address."""
    form = EmailForm()
    if not form.validate_on_submit():
        return htmx.render("profile/email.html", 422, form=form)
    if form.email.data == _contacts()[0]:
        form.email.errors = [_("This is your address already")]
        return htmx.render("profile/email.html", 422, form=form)
    try:
        ask_email(policy.visitor(), form.email.data)
    except TooOften:
        form.email.errors = [_too_often()]
        return htmx.render("profile/email.html", 422, form=form)
    return htmx.redirect("profile.email_sent")


@blueprint.get("/contacts/email/sent")
@policy.fresh
@policy.signed_in
def email_sent() -> Response:
    """Where the letter went, and what to do when it does not come."""
    waiting = _pending()
    if waiting is None:
        return htmx.redirect("profile.contacts")
    return htmx.render("profile/email_sent.html", address=waiting, problem=None)


@blueprint.post("/contacts/email/again")
@policy.fresh
@policy.signed_in
def send_email_again() -> Response:
    """Send a new link; the one before opens nothing any more."""
    waiting = _pending()
    if waiting is None:
        return htmx.redirect("profile.contacts")
    try:
        ask_email(policy.visitor(), waiting)
    except TooOften:
        page = "profile/email_sent.html"
        return htmx.render(page, 422, address=waiting, problem=_too_often())
    return htmx.redirect("profile.email_sent")


@blueprint.get("/contacts/email/link")
@policy.signed_in
def email_link() -> Response:
    """What the letter leads to: a button, as scanners of mail open every link."""
    key = request.args.get("key", "")
    try:
        address = email_of_link(policy.visitor(), key)
    except Refused:
        return htmx.render("profile/link_over.html", 410)
    return htmx.render("profile/email_link.html", address=mask_email(address), key=key)


@blueprint.post("/contacts/email/link")
@policy.signed_in
def use_email_link() -> Response:
    """Make the address the person's."""
    try:
        confirm_email(policy.visitor(), request.form.get("key", ""))
    except (Refused, Taken):
        return htmx.render("profile/link_over.html", 410)
    return htmx.redirect("profile.contacts", done="email")


@blueprint.get("/contacts/phone")
@policy.fresh
@policy.signed_in
def phone() -> Response:
    """The form for a new number."""
    return htmx.render("profile/phone.html", form=PhoneForm())


@blueprint.post("/contacts/phone")
@policy.fresh
@policy.signed_in
def send_code() -> Response:
    """Send the code to a new number; from its page, another one."""
    form = PhoneForm()
    if not form.validate_on_submit():
        return htmx.render("profile/phone.html", 422, form=form)
    if form.phone.data == _contacts()[1]:
        form.phone.errors = [_("This is your number already")]
        return htmx.render("profile/phone.html", 422, form=form)
    try:
        ask_phone(policy.visitor(), form.phone.data)
    except TooOften:
        form.phone.errors = [_too_often()]
        return htmx.render("profile/phone.html", 422, form=form)
    return htmx.redirect("profile.code")


# The code is bound to this session, which proved who it is when it asked for it.
@blueprint.get("/contacts/phone/code")
@policy.signed_in
def code() -> Response:
    """The form for the code."""
    return _code_page(CodeForm())


@blueprint.post("/contacts/phone/code")
@policy.signed_in
def use_code() -> Response:
    """Make the number the person's."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _code_page(form, 422)
    try:
        is_right = confirm_phone(policy.visitor(), _SEPARATORS.sub("", form.code.data))
    except Exhausted:
        form.code.errors = [_("Too many wrong codes. Ask for a new one.")]
        return _code_page(form, 422)
    except (Refused, Taken):
        return _code_page(form, 410)
    if not is_right:
        form.code.errors = [_("The code is wrong. Look at the newest message.")]
        return _code_page(form, 422)
    return htmx.redirect("profile.contacts", done="phone")


@blueprint.get("/contacts/phone/remove")
@policy.fresh
@policy.signed_in
def phone_leaves() -> Response:
    """Ask once more."""
    return _remove_page()


@blueprint.post("/contacts/phone/remove")
@policy.fresh
@policy.signed_in
def drop_phone() -> Response:
    """Forget the number."""
    try:
        remove_phone(policy.visitor())
    except LastContact:
        return _remove_page(422)
    return htmx.redirect("profile.contacts", done="removed")


def _remove_page(status: int = 200) -> Response:
    email, phone = _contacts()
    masked = mask_phone(phone) if phone else None
    return htmx.render("profile/phone_leaves.html", status, email=email, phone=masked)


def _code_page(form: CodeForm, status: int = 200) -> Response:
    try:
        number = phone_of_code(policy.visitor())
    except Refused:
        return htmx.render("profile/code_over.html", 410)
    form.code.data = ""
    return htmx.render("profile/code.html", status, form=form, number=spaced_phone(number))


def _contacts() -> tuple[str | None, str | None]:
    row = connection().execute(CONTACTS, {"user_id": policy.visitor().id}).one()
    return row.email, row.phone


def _pending() -> str | None:
    asked = {"user_id": policy.visitor().id, "moment": core().clock.now()}
    payload = connection().execute(PENDING_EMAIL, asked).scalar()
    return str(json.loads(payload)["email"]) if payload else None


def _is_sms_carried() -> bool:
    """Whether a code would ever reach a phone."""
    channels = core().plugins.each(hookspecs.message_channels)
    return any(channel.name == "sms" for _name, channel in channels)


def _too_often() -> str:
    return str(_("We have sent several messages already. Wait ten minutes and try again."))
