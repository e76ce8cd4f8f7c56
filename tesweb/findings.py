"""What `tesweb check` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise that does not hold."""

    #: The invariant's short name.
    code: str
    #: Where it is broken; accounts by their inner id, never a name or an address.
    text: str
