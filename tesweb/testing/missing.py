"""What a test needs and the machine lacks: named with the command that installs it."""

import os
from dataclasses import dataclass
from typing import NoReturn

import pytest

#: With `all` in it nothing may be skipped: a skip fails the run.
VARIABLE = "TESWEB_REQUIRE"


@dataclass(slots=True)
class Missing(Exception):
    """Something that is not installed."""

    what: str
    #: The command that installs it.
    install: str

    def __str__(self) -> str:
        """One sentence for the terminal."""
        return f"{self.what} is missing; install it with: {self.install}"


def everything_is_required() -> bool:
    """Whether the run was told that nothing may be skipped."""
    return os.environ.get(VARIABLE) == "all"


def skip(missing: Missing) -> NoReturn:
    """Skip the test and say why; under `TESWEB_REQUIRE=all` fail it instead."""
    if everything_is_required():
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing))
