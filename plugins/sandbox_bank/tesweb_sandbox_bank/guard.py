"""Where this bank may run: beside a demo, on this machine, nowhere else."""

import os
from pathlib import Path
from urllib.parse import urlsplit

#: The file that `tesweb demo` puts into the folder that it makes.
MARKER = "made-by-tesweb-demo"
#: Names of this machine.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_YES = frozenset({"1", "true", "yes", "on"})


def refusal(folder: Path) -> str | None:
    """Why the bank must not start, or None beside a demo."""
    if os.environ.get("TESWEB_DEMO", "").lower() in _YES:
        return None
    if any((place / MARKER).is_file() for place in (folder, folder.parent)):
        return None
    return (
        "this is no demo: the sandbox bank takes made-up money and never starts beside a real"
        " server. Set TESWEB_DEMO=1 on a machine for trials, or let `tesweb demo` start it."
    )


def is_here(url: str) -> bool:
    """Whether the address lies on this machine: notices and pages go nowhere else."""
    place = urlsplit(url)
    return place.scheme in {"http", "https"} and place.hostname in LOOPBACK
