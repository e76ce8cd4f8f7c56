"""`make simulate STEPS=100000`: worlds in which everything goes wrong, each from its own seed.

Ends after so many steps, or when the time is over. A world that fails is named with its seed, and
the same seed plays the same story again: `make simulate SEED=17`.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from itertools import count, islice
from pathlib import Path

from tests.simulation.stage import Stage
from tests.simulation.story import play
from tests.simulation.world import World
from tesweb.database.engine import Database
from tesweb.database.migrations import upgrade
from tesweb.plugins import Plugins

#: A world has so many steps; a longer one takes longer to check and finds no more.
LENGTH = 400
#: When so many have failed the rest need not be played.
MOST_BAD = 5
#: In one world of so many the whole check comes after each step.
THOROUGH = 20


def told(seed: int, folder: str) -> str:
    """Play one world; what went wrong, or nothing."""
    stage = _stage(folder)
    stage.renew()
    world = World.of_seed(seed, stage, is_thorough=seed % THOROUGH == 0)
    try:
        play(world, LENGTH)
    except Exception:
        return traceback.format_exc()
    return ""


@cache
def _stage(folder: str) -> Stage:
    """This process's own: an application, and its file, which SQLite clears for each world."""
    logging.disable(logging.CRITICAL)
    own = Path(folder) / str(os.getpid())
    own.mkdir()
    address = f"sqlite:///{own / 'tesweb.db'}"
    plugins, database = Plugins(), Database(address)
    plugins.load()
    for _ in upgrade(database, plugins):
        pass
    database.close()
    return Stage.at(address, own / "static")


def main() -> int:
    """Play worlds in all cores; the exit code is 1 where one failed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=100_000)
    asked.add_argument("--seconds", type=float, default=180)
    asked.add_argument("--seed", type=int, help="play this world only")
    asked.add_argument("--first", type=int, default=1, help="the first seed")
    asked.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    chosen, begun = asked.parse_args(), time.monotonic()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a file system in memory
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        if chosen.seed is not None:
            failed = {chosen.seed: told(chosen.seed, folder)}
        else:
            failed = _many(chosen, folder)
    bad = {seed: text for seed, text in failed.items() if text}
    for seed, text in sorted(bad.items()):
        sys.stdout.write(f"seed {seed} failed:\n{text}\n")
    steps, seconds = len(failed) * LENGTH, time.monotonic() - begun
    sys.stdout.write(
        f"{len(failed)} worlds, {steps} steps, {steps / seconds:.0f} a second, {len(bad)} failed\n"
    )
    return 1 if bad else 0


def _many(chosen: argparse.Namespace, folder: str) -> dict[int, str]:
    end = time.monotonic() + chosen.seconds
    seeds = islice(count(chosen.first), max(1, chosen.steps // LENGTH))
    found: dict[int, str] = {}
    with ProcessPoolExecutor(chosen.cores) as pool:
        for seed, played in _spread(pool, seeds, folder, chosen.cores * 2):
            found[seed] = played.result()
            if time.monotonic() > end or len([each for each in found.values() if each]) >= MOST_BAD:
                pool.shutdown(wait=True, cancel_futures=True)
                break
    return found


def _spread(
    pool: ProcessPoolExecutor, seeds: Iterator[int], folder: str, most: int
) -> Iterator[tuple[int, "Future[str]"]]:
    """Keep so many worlds under way, and give them back in their order."""
    waiting: list[tuple[int, Future[str]]] = []
    for seed in seeds:
        waiting.append((seed, pool.submit(told, seed, folder)))
        if len(waiting) >= most:
            yield waiting.pop(0)
    yield from waiting


if __name__ == "__main__":
    raise SystemExit(main())
