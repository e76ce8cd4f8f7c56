"""A bank to try payments with, in a process of its own. It has no part in a supplier's server."""

from collections.abc import Iterable

import click

from tesweb.api import hookimpl
from tesweb_sandbox_bank.commands import serve


@hookimpl
def commands() -> Iterable[click.Command]:
    """`tesweb sandbox_bank serve`."""
    return [serve]
