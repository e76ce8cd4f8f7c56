"""Reads a request's JSON part by part; the first thing that is wrong ends the request."""

import re
from collections.abc import Collection

from tesweb_sandbox_bank.errors import Invalid
from tesweb_sandbox_bank.models import Body
from tesweb_sandbox_bank.money import kopecks


class Part:
    """An object of the request that knows its own name in it."""

    def __init__(self, body: object, name: str = "") -> None:
        """Raises Invalid where it is no object."""
        if not isinstance(body, dict):
            raise Invalid(name, "Must be an object")
        self.body: Body = body
        self._name = name

    def __contains__(self, name: str) -> bool:
        """Whether something but null stands under the name."""
        return self.body.get(name) is not None

    def path(self, name: str) -> str:
        """The name as an error tells it: `recipient.bank.bic`."""
        return f"{self._name}.{name}" if self._name else name

    def part(self, name: str) -> "Part":
        """The object under that name."""
        return Part(self.body.get(name), self.path(name))

    def parts(self, name: str, most: int) -> list["Part"]:
        """A list of one to `most` objects."""
        found = self.body.get(name)
        if not isinstance(found, list) or not 1 <= len(found) <= most:
            raise Invalid(self.path(name), f"Must be a list of 1 to {most}")
        return [Part(one, f"{self.path(name)}[{place}]") for place, one in enumerate(found)]

    def text(self, name: str, longest: int, default: str | None = None) -> str:
        """A text of one to `longest` characters."""
        found = self.body.get(name, default)
        if found is None and default is not None:
            return default
        if found == "" == default:
            return ""
        if not isinstance(found, str) or not 1 <= len(found) <= longest:
            raise Invalid(self.path(name), f"Must be a text of 1 to {longest} characters")
        return found

    def matching(self, name: str, pattern: str, told: str) -> str:
        """A text of a certain form."""
        found = self.body.get(name)
        if not isinstance(found, str) or not re.fullmatch(pattern, found, re.ASCII):
            raise Invalid(self.path(name), f"Must be {told}")
        return found

    def one_of(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """A word out of a list."""
        found = self.body.get(name, default)
        if not isinstance(found, str) or found not in allowed:
            raise Invalid(self.path(name), f"Must be one of: {', '.join(sorted(allowed))}")
        return found

    def flag(self, name: str) -> bool:
        """True or false; false where nothing stands."""
        found = self.body.get(name, False)
        if not isinstance(found, bool):
            raise Invalid(self.path(name), "Must be true or false")
        return found

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number between two others."""
        found = self.body.get(name)
        # The official library writes some numbers as texts.
        if isinstance(found, str) and re.fullmatch(r"\d{1,6}", found, re.ASCII):
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise Invalid(self.path(name), f"Must be a whole number from {least} to {most}")
        return found

    def amount(self, name: str = "amount") -> int:
        """Kopecks, more than none."""
        part = self.part(name)
        found = kopecks(part.body.get("value"))
        if not found:
            raise Invalid(part.path("value"), "Must be a sum as 100.00, more than zero")
        if part.body.get("currency") != "RUB":
            raise Invalid(part.path("currency"), "Must be RUB")
        return found
