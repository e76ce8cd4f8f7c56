"""A made-up region that differs from Tyumen wherever a region may differ."""

from pathlib import Path

from tesweb.api import Region, hookimpl


@hookimpl
def regions() -> list[Region]:
    """The region that is written down in the files beside this one."""
    return [Region.from_toml(Path(__file__).with_name("region.toml"))]
