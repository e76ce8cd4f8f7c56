"""A few short worlds; `make simulate` runs many more."""

from pathlib import Path

import pytest

from tests.simulation.world import World


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_or_charged_twice(seed: int, database: str, shared_folder: Path) -> None:
    world = World.of_seed(seed, database, shared_folder)
    try:
        for _ in range(60):
            world.step()
        world.calm()
    finally:
        world.close()
