"""A few short worlds; `make simulate` runs many more."""

from pathlib import Path

import pytest

from tests.simulation.stage import Stage
from tests.simulation.story import play
from tests.simulation.world import World


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_or_charged_twice(seed: int, database: str, shared_folder: Path) -> None:
    stage = Stage.at(database, shared_folder)
    try:
        play(World.of_seed(seed, stage), 60)
    finally:
        stage.close()
