"""The region of Tyumen, as ТюменьЭнергоСбыт serves it."""

from pathlib import Path

from tesweb.api import Region, hookimpl


@hookimpl
def regions() -> list[Region]:
    """The region that is written down in the files beside this one."""
    return [Region.from_toml(Path(__file__).with_name("region.toml"))]
