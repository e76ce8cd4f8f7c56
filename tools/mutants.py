"""Change lines of the money core, one at a time, and see whether mypy or a test notices."""

import argparse
import json
import random
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

#: Of a hundred changes at least so many are noticed.
LEAST = 90
FOLDER = Path("mutants")
LOG = Path("mutants.log")
#: A run of these few makes all mutants and learns which tests see which function.
FIRST = "tesweb.money.x_round_to_kopecks__mutmut_1"
#: What a mutant's tests ended with: pytest's own codes, and mutmut's for what mypy refuses.
KILLED, REFUSED = {1, 3}, {37}
#: For the rest, in words; whatever is not here is told by its number.
WORDS = {
    None: "not tried",
    0: "survived",
    5: "no test",
    33: "no test",
    -24: "too slow",
    24: "too slow",
    36: "too slow",
    255: "too slow",
}


def main(arguments: list[str]) -> int:
    """Try a sample, print what nothing has noticed, and the score; 1 where it is too low."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mutmut")
    parser.add_argument("--sample", type=int, default=480, help="how many; 0 is all, for days")
    parser.add_argument("--seed", type=int, default=1, help="of which; another one is other lines")
    parser.add_argument("--only", default="*", help="for example 'tesweb.ledger.*'")
    asked = parser.parse_args(arguments)
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run(asked.mutmut, [FIRST])
    names = sorted(name for name in _results() if fnmatch(name, asked.only))
    random.Random(asked.seed).shuffle(names)  # noqa: S311 - a sample, no secret
    tried = names[: asked.sample or None]
    _run(asked.mutmut, tried)
    return _report(tried, len(names))


def _run(mutmut: str, names: list[str]) -> None:
    """It ends with an error where a mutant survives; that is told by its results."""
    with LOG.open("a") as log:
        subprocess.run([mutmut, "run", *names], check=False, stdout=log, stderr=log)  # noqa: S603 - our own program


def _results() -> dict[str, int | None]:
    """Each mutant with how its tests ended, None where it was not tried."""
    found: dict[str, int | None] = {}
    for path in FOLDER.rglob("*.meta"):
        found |= json.loads(path.read_text("utf-8"))["exit_code_by_key"]
    return found


def _report(tried: list[str], of: int) -> int:
    results = _results()
    for name in tried:
        code = results[name]
        if code not in KILLED | REFUSED:
            sys.stdout.write(f"{WORDS.get(code, str(code))}: {name}\n")
    killed = sum(results[name] in KILLED for name in tried)
    refused = sum(results[name] in REFUSED for name in tried)
    missed = len(tried) - killed - refused
    score = 100 * (killed + refused) / (len(tried) or 1)
    of_tests = 100 * killed / (killed + missed or 1)
    counts = f"{refused} refused by mypy, {killed} killed, {missed} not noticed"
    sys.stdout.write(f"{len(tried)} of {of}: {counts}\n")
    sys.stdout.write(f"{score:.1f} % noticed; {of_tests:.1f} % of what mypy lets through\n")
    return 0 if score >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
