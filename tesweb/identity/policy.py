"""What each route asks of the visitor. A route without a policy is refused at the start."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from flask import abort, g
from flask.typing import ResponseReturnValue

from tesweb.accounts.models import Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.identity.session import current_session
from tesweb.identity.statements import Visitor

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a route."""

    #: `anyone`, `signed_in` or `member`.
    name: str
    #: The least role for `member`.
    role: Role | None = None


class SignInFirst(Exception):
    """The route is for people who are signed in."""


def anyone(view: View) -> View:
    """The route is public: it shows and changes nothing of anybody's."""
    return _marked(view, Policy("anyone"))


def signed_in(view: View) -> View:
    """The route is for whoever is signed in, and about that person alone."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - the view's own
        visitor()
        return view(*args, **kwargs)

    return _marked(guarded, Policy("signed_in"))


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
    account = visitor().account(account_id)
    if account is None:
        abort(404)
    g.tesweb_account = account
    if not account.permits(role):
        abort(403)
    return account


def _marked(view: View, policy: Policy) -> View:
    view.policy = policy  # type: ignore[attr-defined]  # how a policy travels with its view
    return view
