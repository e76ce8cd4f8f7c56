"""What each route asks of the visitor. A route without a policy is refused at the start."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from flask import abort, g
from flask.typing import ResponseReturnValue

from tesweb.accounts.models import Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import core
from tesweb.identity.session import current_session
from tesweb.identity.statements import Visitor

#: How long a proof is good for what is sensitive.
FRESH = timedelta(minutes=15)
#: Two factors, or the one that is two: a passkey wants the device and its owner's finger or PIN.
STRONG = frozenset({"passkey", "password totp", "password code"})
View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a route."""

    #: `anyone`, `signed_in`, `while_locked`, `member` or `operator`.
    name: str
    #: The least role for `member`.
    role: Role | None = None
    #: Whether it wants a proof of the last minutes.
    is_fresh: bool = False


class SignInFirst(Exception):
    """The route is for people who are signed in."""


class ProveFirst(Exception):
    """The route wants a proof of the last few minutes of who the person is."""


class StrengthenFirst(Exception):
    """The route is the supplier's own, and the person came in with one factor."""


class UnlockFirst(Exception):
    """The cabinet is locked by its owner."""


def anyone(view: View) -> View:
    """The route is public: it shows and changes nothing of anybody's."""
    return _marked(view, Policy("anyone"))


def signed_in(view: View) -> View:
    """The route is for whoever is signed in, and about that person alone."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - the view's own
        _in_use(visitor())
        return view(*args, **kwargs)

    return _marked(guarded, Policy("signed_in"))


def while_locked(view: View) -> View:
    """The route is for whoever is signed in, also in a cabinet that is locked."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - the view's own
        visitor()
        return view(*args, **kwargs)

    return _marked(guarded, Policy("while_locked"))


def fresh(view: View) -> View:
    """The route changes who may get in, so the person proved who they are minutes ago.

    Stands above another policy. Whoever has not is asked for a passkey or the password and comes
    back; what a form held is typed once more, so guard the page with the form as well.
    """
    inner = policy_of(view)
    if inner is None:
        raise TypeError("`fresh` stands above the policy that says who may call the route")

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - the view's own
        if not is_fresh(visitor()):
            raise ProveFirst
        return view(*args, **kwargs)

    return _marked(guarded, replace(inner, is_fresh=True))


def operator(view: View) -> View:
    """The route is the supplier's own: for operators who came in with a second factor."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - the view's own
        person = visitor()
        _in_use(person)
        if not person.is_operator:
            abort(404)
        if person.factors not in STRONG:
            raise StrengthenFirst
        return view(*args, **kwargs)

    return _marked(guarded, Policy("operator"))


def is_fresh(person: Visitor) -> bool:
    """Whether the person proved who they are within the last fifteen minutes."""
    return person.proved_at is not None and core().clock.now() - person.proved_at < FRESH


def _in_use(person: Visitor) -> None:
    if person.frozen_at is not None:
        raise UnlockFirst


def member(role: Role) -> Callable[[View], View]:
    """The route is about one account and for its members of at least this role.

    Its URL holds `<int:account_id>`; the view receives `account: LinkedAccount` instead. An account
    that is not the visitor's answers 404, as one that does not exist; too small a role answers 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(account_id: int, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - the view's own
            return view(account=_linked(account_id, role), **kwargs)

        return _marked(guarded, Policy("member", role))

    return decorate


def visitor() -> Visitor:
    """Who is signed in. Raises SignInFirst for a stranger."""
    found = visitor_or_none()
    if found is None:
        raise SignInFirst
    return found


def visitor_or_none() -> Visitor | None:
    """Who is signed in, if anybody is."""
    return current_session().visitor


def policy_of(view: object) -> Policy | None:
    """The policy that a view carries."""
    return getattr(view, "policy", None)


def chosen_account() -> LinkedAccount | None:
    """The account that the request is about, once its policy has been passed."""
    return cast("LinkedAccount | None", g.get("tesweb_account"))


def _linked(account_id: int, role: Role) -> LinkedAccount:
    person = visitor()
    _in_use(person)
    account = person.account(account_id)
    if account is None:
        abort(404)
    g.tesweb_account = account
    if not account.permits(role):
        abort(403)
    return account


def _marked(view: View, policy: Policy) -> View:
    view.policy = policy  # type: ignore[attr-defined]  # how a policy travels with its view
    return view
