"""The application as a WSGI server asks for it: `tesweb.wsgi:application()`."""

# ruff: noqa: E402 - what stands between is imported without looking for garbage
import gc
import logging
from typing import cast

# What a worker makes while it starts stays as long as the worker: looking for garbage in it took a
# sixth of the start.
gc.disable()

from flask import Flask

from tesweb.app import create_app
from tesweb.current import Core
from tesweb.worker import work_in_background

gc.enable()

log = logging.getLogger(__name__)


def application() -> Flask:
    """A new application from tesweb.toml and the environment."""
    app = create_app()
    for stray in cast("Core", app.extensions["tesweb"]).plugins.strays():
        log.warning("%s", stray)
    work_in_background(app)
    return app
