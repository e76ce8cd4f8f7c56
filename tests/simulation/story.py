"""Everything that may happen in a world, each as often as it stands here, and its telling."""

from collections.abc import Callable

from tests.simulation.acts import (
    ask_back,
    begin,
    come_back,
    days_go_by,
    decline,
    give_back,
    household,
    notify,
    pay,
    trouble,
    wait,
    work,
)
from tests.simulation.autopays import (
    allow,
    bill,
    forbid,
    lock_up,
    pass_over,
    spoil_cards,
    throw_away,
    until_due,
)
from tests.simulation.office import answer_alarms, decide, read_register, read_wrong_register
from tests.simulation.world import World

ACTS: tuple[Callable[[World], None], ...] = (
    *(begin, begin, begin, household),
    *(pay, pay, pay, decline, notify, come_back, come_back),
    *(work, work, work, work, wait, wait, wait, days_go_by),
    *(trouble, ask_back, give_back),
    *(
        bill,
        bill,
        bill,
        allow,
        allow,
        allow,
        until_due,
        until_due,
        until_due,
        until_due,
        forbid,
        pass_over,
        throw_away,
        spoil_cards,
        lock_up,
    ),
    *(read_register, read_wrong_register, decide, answer_alarms),
)


def play(world: World, steps: int) -> None:
    """Let so much happen, then let all be calm. Raises AssertionError where something is wrong."""
    for _ in range(steps):
        world.step(ACTS)
    world.calm()
