"""The application as a WSGI server asks for it: `tesweb.wsgi:application()`."""

from flask import Flask

from tesweb.app import create_app


def application() -> Flask:
    """A new application from tesweb.toml and the environment."""
    return create_app()
