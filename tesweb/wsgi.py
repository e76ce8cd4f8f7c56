"""The application as a WSGI server asks for it: `tesweb.wsgi:application()`."""

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
    return app
