"""Say how many changes of the money core its tests have seen, and which they have not."""

import json
import subprocess
import sys
from pathlib import Path

#: Of a hundred changes the tests see at least so many.
LEAST = 90
STATS = Path("mutants/mutmut-cicd-stats.json")


def main(mutmut: str) -> int:
    """Print the changes that no test has seen, and the score; 1 where it is too low."""
    subprocess.run([mutmut, "export-cicd-stats"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    subprocess.run([mutmut, "results"], check=True)  # noqa: S603 - the same
    told = json.loads(STATS.read_text("utf-8"))
    seen = told["killed"] + told["timeout"] + told["caught_by_type_check"]
    missed = told["survived"] + told["no_tests"] + told["suspicious"]
    score = 100 * seen / (seen + missed) if seen else 0
    by_tests = told["killed"] + told["timeout"]
    of_tests = 100 * by_tests / (by_tests + missed or 1)
    sys.stdout.write(f"{score:.1f} % of {seen + missed} seen; {missed} not\n")
    sys.stdout.write(f"{of_tests:.1f} % of what mypy lets through\n")
    return 0 if score >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
