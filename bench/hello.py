"""The bare Flask route that every page is measured against, as granian asks for it."""

from flask import Flask


def application() -> Flask:
    """One route that answers one line."""
    app = Flask("hello", static_folder=None)

    @app.get("/")
    def hello() -> tuple[str, dict[str, str]]:
        return "Hello, World!\n", {"Content-Type": "text/plain"}

    return app
