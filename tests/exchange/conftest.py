"""A database, two regions and a folder to write billing's files into."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tesweb.database.engine import Database
from tesweb.exchange.report import BadRowsFile, FileReport
from tesweb.exchange.services import Importer, Progress
from tesweb.regions.region import Region
from tesweb.resources import BUNDLED_PLUGINS

TYUMEN = BUNDLED_PLUGINS / "region_tyumen" / "tesweb_region_tyumen" / "region.toml"

HEADERS = {
    "accounts": "region;account;address;category",
    "meters": (
        "region;account;serial;model;installed_on;removed_on;verified_until;"
        "register;zone;digits;ratio;initial;final"
    ),
    "readings": "region;account;serial;register;read_on;period;value;source",
    "charges": "region;account;period;line;title;volume;price;amount",
    "payments": "region;account;paid_on;reference;channel;amount",
}
ACCOUNT = "720400000001"


@dataclass(frozen=True, slots=True)
class Office:
    """Sends files and looks at what became of them."""

    database: Database
    regions: dict[str, Region]
    folder: Path

    def write(self, kind: str, *rows: str, header: str = "", name: str = "") -> Path:
        path = self.folder / f"{name or kind}.csv"
        path.write_text("\n".join([header or HEADERS[kind], *rows, ""]), "utf-8")
        return path

    def send(self, *paths: Path, progress: Progress = lambda _: None) -> list[FileReport]:
        importer = Importer(self.database, self.regions)
        with BadRowsFile(None) as bad_rows:
            return list(importer.run(paths, bad_rows, progress))

    def take(self, kind: str, *rows: str, header: str = "") -> FileReport:
        (report,) = self.send(self.write(kind, *rows, header=header))
        return report

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.read() as reader:
            return [tuple(row) for row in reader.execute(text(query))]

    def account(self, number: str = ACCOUNT) -> None:
        """An account with a single-zone meter of five digits that stood at zero in 2020."""
        self.take("accounts", f"tyumen;{number};г. Тюмень, ул. Мира, д. 1;gas_stove")
        self.take("meters", f"tyumen;{number};A1;CE101;2020-01-01;;;1;single;5;1;0;")


@pytest.fixture(scope="session")
def regions() -> dict[str, Region]:
    return {"tyumen": Region.from_toml(TYUMEN)}


@pytest.fixture
def office(database: str, regions: dict[str, Region], tmp_path: Path) -> Iterator[Office]:
    opened = Database(database)
    yield Office(opened, regions, tmp_path)
    opened.close()
