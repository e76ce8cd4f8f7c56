"""Make tesweb/identity/words/common.txt.gz from the frequency lists of the zxcvbn package.

`pip download --no-deps zxcvbn==4.5.0`, unpack the wheel, `PYTHONPATH=<there> python <this file>`.
"""

import gzip
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-not-found]  # not installed

#: What is as short as no password may be counts within a longer one: of these the most frequent.
_SHORT = 5
_LONG = 8
_FREQUENT = 10_000
_TARGET = Path(__file__).parents[1] / "tesweb" / "identity" / "words" / "common.txt.gz"


def words(ranked: list[str]) -> list[str]:
    """Those that are worth comparing with, sorted, so that the file compresses well."""
    frequent = {word for word in ranked[:_FREQUENT] if len(word) >= _SHORT}
    return sorted(frequent | {word for word in ranked if len(word) >= _LONG})


if __name__ == "__main__":
    text = "\n".join(words(list(FREQUENCY_LISTS["passwords"])))
    _TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))
