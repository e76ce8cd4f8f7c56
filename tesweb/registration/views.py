"""Becoming a user, one thing a page: who, consents, whose account, is that it, the letter."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from tesweb import hookspecs, htmx
from tesweb.accounts.forms import NOT_PROVED, TOO_MANY_PROOFS, ProofForm
from tesweb.accounts.households import offer_of
from tesweb.accounts.proofs import NotProved, TooManyProofs, check
from tesweb.captcha import services as captchas
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.identity.challenges import Exhausted, Expired, Refused, Spent, digest
from tesweb.identity.contacts import mask_phone, spaced_phone
from tesweb.identity.passwords import hash_password
from tesweb.layout.languages import language_code
from tesweb.registration import drafts, services
from tesweb.registration.drafts import Draft
from tesweb.registration.forms import (
    LOGIN_TAKEN,
    ActivateForm,
    AddressForm,
    CodeForm,
    ConsentsForm,
    PersonForm,
    canonical,
)
from tesweb.registration.rules import DOCUMENTS, Way, document, is_login

blueprint = Blueprint("registration", __name__)
Given = ParamSpec("Given")
#: The form that captchas are made for.
CAPTCHA = "registration"


def with_draft(view: Callable[Concatenate[Draft, Given], Response]) -> Callable[Given, Response]:
    """The page is for a browser that has begun; another one is led to the first page."""

    @wraps(view)
    def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Response:
        draft = drafts.of_browser()
        if draft is None:
            return htmx.redirect("registration.start")
        return view(draft, *args, **kwargs)

    return guarded


@blueprint.get("/register")
@policy.anyone
def start() -> Response:
    """What it is, what it costs (nothing), and what has to be at hand."""
    if policy.visitor_or_none() is not None:
        return htmx.redirect("dashboard.home")
    channels = core().plugins.each(hookspecs.message_channels)
    by_phone = any(channel.name == "sms" for _, channel in channels)
    return htmx.render("registration/start.html", by_phone=by_phone, invited=_invited())


@blueprint.get("/register/<any(email, phone):way>")
@policy.anyone
def person(way: str) -> Response:
    """Login, password, address and place."""
    form = PersonForm(Way(way))
    return _person(form)


@blueprint.post("/register/<any(email, phone):way>")
@policy.anyone
def keep_person(way: str) -> Response:
    """Keep them and go on to the consents."""
    form = PersonForm(Way(way))
    if not form.validate_on_submit():
        return _person(form, 422)
    if not captchas.passes(CAPTCHA):
        return _person(form, 422, _("Show once more that you are no program, and continue."))
    if services.is_taken(form.login.data):
        form.login.errors = [LOGIN_TAKEN]
        return _person(form, 422)
    try:
        services.begin(_draft_of(form))
    except services.TooMany:
        abort(429)
    return htmx.redirect("registration.consents")


@blueprint.get("/consents/<purpose>")
@policy.anyone
def consent(purpose: str) -> Response:
    """The wording of a consent."""
    found = document(purpose)
    if found is None:
        abort(404)
    draft = drafts.of_browser()
    supplier = core().region(draft.region if draft else "")
    back = url_for("registration.consents") if draft else None
    return htmx.render("registration/document.html", document=found, supplier=supplier, back=back)


@blueprint.get("/register/consents")
@policy.anyone
@with_draft
def consents(draft: Draft) -> Response:
    """One line for each purpose; none is ticked beforehand."""
    del draft
    return htmx.render("registration/consents.html", form=ConsentsForm(), documents=DOCUMENTS)


@blueprint.post("/register/consents")
@policy.anyone
@with_draft
def keep_consents(draft: Draft) -> Response:
    """Keep what was ticked and go on to the account."""
    form = ConsentsForm()
    if not form.validate_on_submit():
        return htmx.render("registration/consents.html", 422, form=form, documents=DOCUMENTS)
    if draft.invitation:
        return _changed("registration.sent", send=True, consents=form.given, is_confirmed=True)
    return _changed("registration.account", consents=form.given)


@blueprint.get("/register/account")
@policy.anyone
@with_draft
def account(draft: Draft) -> Response:
    """The number of the account and what proves whose it is."""
    if draft.consents is None:
        return htmx.redirect("registration.consents")
    return _account(ProofForm(core().region(draft.region)))


@blueprint.post("/register/account")
@policy.anyone
@with_draft
def prove(draft: Draft) -> Response:
    """Find the account; an unknown number and a wrong answer are told alike."""
    if draft.consents is None:
        return htmx.redirect("registration.consents")
    form = ProofForm(core().region(draft.region))
    if not form.validate_on_submit():
        return _account(form, 422)
    try:
        found = check(form.region, form.account_number, form.answers)
    except NotProved:
        return _account(form, 422, NOT_PROVED)
    except TooManyProofs:
        return _account(form, 429, TOO_MANY_PROOFS)
    return _changed(
        "registration.address",
        number=form.account_number,
        account_id=found.account_id,
        masked_address=found.masked_address,
        is_full=found.is_full,
    )


@blueprint.get("/register/address")
@policy.anyone
@with_draft
def address(draft: Draft) -> Response:
    """Show the account's address, masked, so that a slip in the number is seen."""
    if not draft.account_id:
        return htmx.redirect("registration.account")
    supplier = core().region(draft.region)
    contact = spaced_phone(draft.address) if draft.way is Way.PHONE else draft.address
    return htmx.render("registration/address.html", draft=draft, supplier=supplier, contact=contact)


@blueprint.post("/register/address")
@policy.anyone
@with_draft
def confirm(draft: Draft) -> Response:
    """It is: send the letter or the code."""
    if not draft.account_id:
        return htmx.redirect("registration.account")
    return _changed("registration.sent", send=True, is_confirmed=True)


@blueprint.get("/register/sent")
@policy.anyone
@with_draft
def sent(draft: Draft) -> Response:
    """Where the letter went and what to do when it does not come; or the field for the code."""
    if not draft.is_confirmed:
        return htmx.redirect("registration.address")
    return _sent(draft, CodeForm())


@blueprint.post("/register/sent")
@policy.anyone
@with_draft
def enter_code(draft: Draft) -> Response:
    """The code of the text message."""
    form, wrong = CodeForm(), ""
    try:
        wrong = _try_code(form)
    except services.LoginTaken:
        form.login.errors = [LOGIN_TAKEN]
    except services.AddressTaken:
        return htmx.render("registration/known.html", 409)
    except services.NotInvited:
        return htmx.render("accounts/no_invitation.html", 410)
    if wrong or form.login.errors:
        return _sent(draft, form, 422, wrong)
    return htmx.leave(url_for("dashboard.home", welcome=1))


@blueprint.post("/register/again")
@policy.anyone
@with_draft
def send_again(draft: Draft) -> Response:
    """Another letter or code, to the same address."""
    if not draft.is_confirmed:
        return htmx.redirect("registration.address")
    return _changed("registration.sent", send=True, again="1")


@blueprint.get("/register/contact")
@policy.anyone
@with_draft
def contact(draft: Draft) -> Response:
    """Another address, where the first was mistyped."""
    if not draft.is_confirmed:
        return htmx.redirect("registration.address")
    form = AddressForm(draft.way, data={"address": draft.address})
    return htmx.render("registration/contact.html", form=form)


@blueprint.post("/register/contact")
@policy.anyone
@with_draft
def change_contact(draft: Draft) -> Response:
    """Send to another address; the letters to the first one open nothing any more."""
    form = AddressForm(draft.way)
    if not draft.is_confirmed:
        return htmx.redirect("registration.address")
    if not form.validate_on_submit():
        return htmx.render("registration/contact.html", 422, form=form)
    changed = canonical(draft.way, form.address.data)
    return _changed("registration.sent", send=True, address=changed)


@blueprint.get("/activate")
@policy.anyone
def activate() -> Response:
    """The page of a letter's link. Programs open links too, so nothing happens before a button."""
    key = request.args.get("key", "")
    try:
        found = services.waiting(key)
    except Refused as refused:
        return _refused(refused)
    form = ActivateForm(data={"key": key})
    return htmx.render("registration/activate.html", form=form, waiting=found)


@blueprint.post("/activate")
@policy.anyone
def activated() -> Response:
    """The button was pressed: make the user and sign in."""
    form = ActivateForm()
    key = form.key.data or ""
    try:
        found = services.waiting(key)
        services.activate_by_link(key, form.password.data or "", _other_login(form))
    except Refused as refused:
        return _refused(refused)
    except services.WrongPassword:
        form.password.errors = [_("The password is wrong. Check it and try again.")]
    except services.LoginTaken:
        form.login.errors = [LOGIN_TAKEN]
    except services.AddressTaken:
        return htmx.render("registration/known.html", 409)
    except services.NotInvited:
        return htmx.render("accounts/no_invitation.html", 410)
    else:
        return htmx.leave(url_for("dashboard.home", welcome=1))
    return htmx.render("registration/activate.html", 422, form=form, waiting=found)


def _draft_of(form: PersonForm) -> Draft:
    return Draft(
        form.way,
        form.login.data.strip(),
        hash_password(form.password.data),
        canonical(form.way, form.address.data) or "",
        form.region,
        form.city,
        language_code(),
        invitation=_invitation(),
    )


def _invitation() -> str:
    """The digest of the invitation that the visitor came by; empty without one that works."""
    key = request.args.get("invitation", "")
    return digest(key).hex() if key and offer_of(connection(), key) else ""


def _invited() -> dict[str, str]:
    """What the links and forms of the first pages carry on."""
    key = request.args.get("invitation", "")
    return {"invitation": key} if key else {}


def _try_code(form: CodeForm) -> str:
    """Why the code opens nothing; empty where the cabinet is open now."""
    if not form.validate_on_submit() or not form.digits:
        return str(_("Type the six digits from the message."))
    try:
        is_right = services.activate_by_code(form.digits, _other_login(form))
    except Refused:
        return str(_("This code is of no use any more. Ask for a new one."))
    return "" if is_right else str(_("The code is wrong. Compare it with the newest message."))


def _other_login(form: ActivateForm | CodeForm) -> str:
    """What somebody typed whose login was taken in the meantime. Raises LoginTaken."""
    typed = (form.login.data or "").strip()
    if typed and not is_login(typed):
        raise services.LoginTaken
    return typed


def _person(form: PersonForm, status: int = 200, captcha_error: str = "") -> Response:
    return htmx.render(
        "registration/person.html",
        status,
        form=form,
        captcha=captchas.shown(CAPTCHA),
        invited=_invited(),
        captcha_error=captcha_error,
    )


def _account(form: ProofForm, status: int = 200, wrong: LazyString | None = None) -> Response:
    if wrong is not None:
        form.number.errors = [wrong]
    return htmx.render("registration/account.html", status, form=form)


def _sent(draft: Draft, form: CodeForm, status: int = 200, wrong: str = "") -> Response:
    shown = mask_phone(draft.address) if draft.way is Way.PHONE else draft.address
    return htmx.render(
        "registration/sent.html",
        status,
        draft=draft,
        form=form,
        wrong=wrong,
        shown=shown,
        again="again" in request.args,
    )


def _changed(
    endpoint: str, *, send: bool = False, again: str | None = None, **changes: object
) -> Response:
    """Write the changes down, send the message where the step asks for it, and go on."""
    try:
        drafts.change(**changes)
        if send:
            services.send()
    except Refused:
        return htmx.redirect("registration.start")
    except services.TooMany:
        return htmx.render("registration/too_many.html", 429)
    return htmx.redirect(endpoint, again=again)


def _refused(refused: Refused) -> Response:
    kind = {Expired: "expired", Spent: "used", Exhausted: "exhausted"}.get(type(refused), "unknown")
    return htmx.render("registration/refused.html", 410, kind=kind)
