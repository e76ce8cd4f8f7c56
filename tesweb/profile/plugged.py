"""What plugins hold about a person: told for the copy, forgotten with the cabinet.

A plugin that raises takes nothing down, and is not passed over in silence either: the copy names
it, and a cabinet that is deleted is noted until it has forgotten too.
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from tesweb import hookspecs
from tesweb.current import Core
from tesweb.database.revisions import absent
from tesweb.plugins import Plugins, checked
from tesweb.profile.protocol import PersonalData
from tesweb.profile.statements import NOTE_UNFORGOTTEN, STRIKE_UNFORGOTTEN, UNFORGOTTEN

T = TypeVar("T")


def tell(
    reader: Connection, plugins: Plugins, user_id: int, shape: Callable[[PersonalData], T]
) -> tuple[dict[str, dict[str, T]], list[str]]:
    """What each plugin tells, shaped for a file, and the names of those whose part is missing.

    Shaping is a plugin's too, as it reads files: one that fails half-way tells nothing at all.
    """
    told: dict[str, dict[str, T]] = {}
    missing = absent(reader, plugins)
    for name, call in plugins.calls(hookspecs.personal_data, reader, user_id):
        try:
            parts = checked(hookspecs.personal_data, call())
            shaped = {part.name: shape(part) for part in parts}
        except Exception as error:
            plugins.fault(name, hookspecs.personal_data.__name__, error)
            missing.append(name)
            continue
        if shaped:
            told[name] = shaped
    return told, sorted(missing)


def forget(work: Connection, plugins: Plugins, user_id: int) -> None:
    """Let every plugin forget a person, and note the person until each one has."""
    is_whole = not absent(work, plugins)
    for name, call in plugins.calls(hookspecs.forget_person, work, user_id):
        try:
            with work.begin_nested():  # what a failing one has done is undone, the rest stands
                call()
        except Exception as error:
            plugins.fault(name, hookspecs.forget_person.__name__, error)
            is_whole = False
    work.execute(STRIKE_UNFORGOTTEN, {"owner": user_id})
    if not is_whole:
        work.execute(NOTE_UNFORGOTTEN, {"user_id": user_id})


def sweep(parts: Core) -> None:
    """Ask once more for those whom a plugin could not forget when the cabinet was deleted."""
    with parts.database.read() as reader:
        noted = reader.execute(UNFORGOTTEN).scalars().all()
    for user_id in noted:
        with parts.database.work() as work:
            forget(work, parts.plugins, user_id)
