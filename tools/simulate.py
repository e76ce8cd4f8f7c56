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

from tests.simulation.world import World
from tesweb.testing.stores import SqliteStore

#: A world has so many steps; a longer one takes longer to check and finds no more.
LENGTH = 300


def play(seed: int, folder: str) -> str:
    """Play one world; what went wrong, or nothing."""
    logging.disable(logging.CRITICAL)
    with _store(folder).fresh() as address:
        world = World.of_seed(seed, address, Path(folder) / "static")
        try:
            for _ in range(LENGTH):
                world.step()
            world.calm()
        except Exception:
            return traceback.format_exc()
        finally:
            world.close()
    return ""


@cache
def _store(folder: str) -> SqliteStore:
    """This process's own: its migrated file is made once."""
    own = Path(folder) / str(os.getpid())
    own.mkdir()
    return SqliteStore(own)


def main() -> int:
    """Play worlds in all cores; the exit code is 1 where one failed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=100_000)
    asked.add_argument("--seconds", type=float, default=180)
    asked.add_argument("--seed", type=int, help="play this world only")
    chosen = asked.parse_args()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a file system in memory
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        if chosen.seed is not None:
            failed = {chosen.seed: play(chosen.seed, folder)}
        else:
            failed = _many(chosen.steps, chosen.seconds, folder)
    bad = {seed: text for seed, text in failed.items() if text}
    for seed, text in sorted(bad.items()):
        sys.stdout.write(f"seed {seed} failed:\n{text}\n")
    sys.stdout.write(f"{len(failed)} worlds, {len(failed) * LENGTH} steps, {len(bad)} failed\n")
    return 1 if bad else 0


def _many(steps: int, seconds: float, folder: str) -> dict[int, str]:
    end, seeds = time.monotonic() + seconds, islice(count(1), max(1, steps // LENGTH))
    cores = os.cpu_count() or 1
    found: dict[int, str] = {}
    with ProcessPoolExecutor(cores) as pool:
        for seed, played in _spread(pool, seeds, folder, cores * 2):
            found[seed] = played.result()
            if time.monotonic() > end or found[seed]:
                pool.shutdown(wait=True, cancel_futures=True)
                break
    return found


def _spread(
    pool: ProcessPoolExecutor, seeds: Iterator[int], folder: str, most: int
) -> Iterator[tuple[int, "Future[str]"]]:
    """Keep so many worlds under way, and give them back in their order."""
    waiting: list[tuple[int, Future[str]]] = []
    for seed in seeds:
        waiting.append((seed, pool.submit(play, seed, folder)))
        if len(waiting) >= most:
            yield waiting.pop(0)
    yield from waiting


if __name__ == "__main__":
    raise SystemExit(main())
