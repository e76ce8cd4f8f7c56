"""The application as a WSGI server asks for it: `tesweb.wsgi:application()`."""

# ruff: noqa: E402 - what follows is what must be imported without it
import gc

# What a worker makes while it starts stays as long as the worker: looking for garbage in it took a
# fifth of the start.
gc.disable()

import logging
from typing import cast

from flask import Flask

from tesweb.app import create_app
from tesweb.current import Core

log = logging.getLogger(__name__)


def application() -> Flask:
    """A new application from tesweb.toml and the environment."""
    app = create_app()
    for stray in cast("Core", app.extensions["tesweb"]).plugins.strays():
        log.warning("%s", stray)
    gc.freeze()
    gc.enable()
    return app
