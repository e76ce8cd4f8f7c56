"""What was sent from a locked cabinet and is not trusted by its owner: conditions for queries.

Whoever decides upon something that people send asks this in the deciding transaction, after
`hold_account`. So there is nothing to tell when a cabinet is locked and nothing to undo when it is
opened again.
"""

from typing import Any

from sqlalchemy import ColumnElement, Exists, exists

from tesweb.database.naming import table_of
from tesweb.freeze.models import Freeze

freezes = table_of(Freeze)


def held_by_lock(user_id: ColumnElement[Any], sent_at: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether it waits: the cabinet is locked, and what was sent since an earlier moment doubted.

    Both arguments are columns of the query that asks.
    """
    return _doubted(user_id, sent_at).where(freezes.c.lifted_at.is_(None))


def doubted_by_sender(
    user_id: ColumnElement[Any], sent_at: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether it was sent in a time of which the sender said so, also once the cabinet is open."""
    return _doubted(user_id, sent_at).where(
        (sent_at <= freezes.c.frozen_at) | freezes.c.lifted_at.is_(None)
    )


def _doubted(user_id: ColumnElement[Any], sent_at: ColumnElement[Any]) -> Exists:
    return exists().where(freezes.c.user_id == user_id, freezes.c.readings_since <= sent_at)
