"""Doors to what is slow to import: the libraries behind passkeys cost half a second.

A server has to start quickly and most requests need none of it, so `late.ceremonies` is imported
when somebody first uses a passkey, `late.apps` when somebody first uses an app.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tesweb.factors import apps, ceremonies

    __all__ = ["apps", "ceremonies"]
else:

    def __getattr__(name: str) -> object:
        """The module of that name in this room."""
        if name not in {"apps", "ceremonies"}:
            raise AttributeError(name)
        return import_module(f"tesweb.factors.{name}")
