"""A registration under way: what was filled in so far, kept for the browser that did it.

One row holds it from the first page to the activation; of the password only its hash.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import Connection

from tesweb.current import connection, core
from tesweb.identity import challenges
from tesweb.identity.challenges import Open, Purpose, Refused, Spent, Unknown
from tesweb.identity.session import current_session, hash_of
from tesweb.registration.rules import Way
from tesweb.registration.statements import DRAFT_BY_ID, DRAFT_OF_BROWSER

LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has said about themselves, page by page."""

    way: Way
    login: str
    password_hash: str
    #: The e-mail address or the number, canonical.
    address: str
    region: str
    #: As the region writes it; empty for a place that is not in its list.
    city: str
    language: str
    #: Purposes that were consented to; None before the page was seen.
    consents: tuple[str, ...] | None = None
    number: str = ""
    #: The account that was proved; 0 before.
    account_id: int = 0
    masked_address: str = ""
    is_full: bool = False
    #: Whether the person said that it is theirs.
    is_confirmed: bool = False
    #: The digest of an invitation to a household, in hex: it takes the place of a proof.
    invitation: str = ""

    @classmethod
    def of(cls, payload: dict[str, Any]) -> Self:
        """The draft that was kept as a payload."""
        given = payload["consents"]
        return cls(
            **payload
            | {"way": Way(payload["way"]), "consents": None if given is None else tuple(given)}
        )

    @property
    def payload(self) -> dict[str, Any]:
        """The draft as it is kept."""
        return asdict(self)


def of_browser() -> Draft | None:
    """The draft of this browser as a page shows it; None where there is none that is open."""
    values = {
        "purpose": Purpose.REGISTRATION.value,
        "binding": hash_of(current_session().sid),
    }
    row = connection().execute(DRAFT_OF_BROWSER, values).first()
    if row is None or row.spent_at is not None or row.expires_at <= core().clock.now():
        return None
    return Draft.of(json.loads(row.payload))


def begin(work: Connection, draft: Draft) -> None:
    """Keep a draft for this browser, in place of the one it has."""
    try:
        found = challenges.of_browser(work, Purpose.REGISTRATION)
    except Refused:
        secret = challenges.token()  # nobody is told it: the browser is the key
        challenges.issue(
            work, Purpose.REGISTRATION, secret, lifetime=LIFETIME, payload=draft.payload
        )
    else:
        challenges.keep(work, found, draft.payload)


def change(**changes: Any) -> Draft:  # noqa: ANN401 - any field of a draft
    """Write down what the next page has told. Raises Refused where the draft is gone."""
    with core().database.work() as work:
        found, draft = held(work)
        changed = replace(draft, **changes)
        challenges.keep(work, found, changed.payload)
    return changed


def held(work: Connection) -> tuple[Open, Draft]:
    """This browser's draft for a change. Raises Refused where it is gone."""
    found = challenges.of_browser(work, Purpose.REGISTRATION)
    return found, Draft.of(found.payload)


def by_id(work: Connection, draft_id: int) -> tuple[Open, Draft, bool]:
    """The draft that an activation is for, and whether this browser began it. Raises Refused.

    Its own hour does not count here: the letter has one.
    """
    values = {"purpose": Purpose.REGISTRATION.value, "draft_id": draft_id}
    row = work.execute(DRAFT_BY_ID, values).first()
    if row is None:
        raise Unknown
    if row.spent_at is not None:
        raise Spent
    is_ours = row.binding == hash_of(current_session().sid)
    found = Open(row.id, None, None, json.loads(row.payload))
    return found, Draft.of(found.payload), is_ours
