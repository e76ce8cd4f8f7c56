"""What a captcha is to a form; two are built in, a plugin may bring another."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Captcha(Protocol):
    """Keeps programs out of a form that strangers may send."""

    @property
    def name(self) -> str:
        """What the setting `captchas` calls it."""

    @property
    def template(self) -> str:
        """The part of the form; it gets what `challenge` gives as `challenge`."""

    @property
    def needs_script(self) -> bool:
        """Whether it is of no use without JavaScript; the others then stand in `<noscript>`."""

    def challenge(self, form: str) -> Mapping[str, Any]:
        """A new one for the form of that name; nothing is written down for it."""

    def check(self, form: str, answers: Mapping[str, str]) -> bool:
        """Whether the form's fields solve one of this form and this browser, for the first time."""
