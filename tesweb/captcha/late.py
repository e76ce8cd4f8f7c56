"""Doors to the two captcha libraries: a tenth of a second each, and most pages need neither.

`late.altcha` checks work, `late.media` draws and speaks digits.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import altcha

    from tesweb.captcha import media

    __all__ = ["altcha", "media"]
else:
    _DOORS = {"altcha": "altcha", "media": "tesweb.captcha.media"}

    def __getattr__(name: str) -> object:
        """The module behind a door."""
        if name not in _DOORS:
            raise AttributeError(name)
        return import_module(_DOORS[name])
