"""What is on a card stays at the bank: nothing of it is kept or logged, wherever it is typed."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import SCREENS, Watch
from e2e.support.pages import sign_in
from e2e.support.server import Server
from e2e.test_bank import fill, newest_code
from e2e.test_payment import go_on, to_the_bank

NUMBER, CODE = "2200000000000004", "739"
GROUPED = "2200 0000 0000 0004"
#: Spaces of any kind, dashes, or nothing between the groups.
_ANYWHERE = re.compile(
    rb"2200(?:[\s-]|\xc2\xa0)?0000(?:[\s-]|\xc2\xa0)?0000(?:[\s-]|\xc2\xa0)?0004"
)


def texts(database: Path) -> Iterator[str]:
    """Every text in every table."""
    with closing(sqlite3.connect(database)) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            for row in opened.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - the database's own name
                yield from (value for value in row if isinstance(value, str))


def told(server: Server, *words: str) -> list[str]:
    """Files that hold the number, and texts of the database that hold one of the words."""
    files = [path for path in server.folder.parent.rglob("*") if path.is_file()]
    assert {"tesweb.db", "log"} <= {path.name for path in files}
    found = [str(path) for path in files if _ANYWHERE.search(path.read_bytes())]
    pattern = re.compile("|".join(rf"\b{word}\b" for word in words))
    stored = list(texts(server.folder / "tesweb.db"))
    assert len(stored) > 1000
    found += [text[:200] for text in stored if pattern.search(text)]
    log = (server.folder.parent / "log").read_text("utf-8")
    return found + [line for line in log.splitlines() if pattern.search(line)]


@pytest.mark.parametrize("screen", SCREENS[:1], indirect=True, ids=str)
@pytest.mark.usefixtures("screen")
def test_nothing_of_a_card_is_kept(page: Page, server: Server, watch: Watch, picture: str) -> None:
    watch.allow(422)
    to_the_bank(page, server, watch, picture)
    fill(page, GROUPED, code=CODE)
    secret = newest_code(server)
    page.locator("#code").fill(secret)
    go_on(page, "Подтвердить")
    page.wait_for_url(re.compile(r"/pay/orders/\d+"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Оплачено. Спасибо!", timeout=20_000)
    assert told(server, CODE, secret) == []


@pytest.mark.parametrize("screen", SCREENS[:1], indirect=True, ids=str)
@pytest.mark.usefixtures("screen")
def test_a_number_that_is_typed_at_the_wrong_place_is_not_kept(
    page: Page, server: Server, watch: Watch
) -> None:
    watch.allow(401)
    watch.allow(422)
    page.goto("/login")
    page.locator("#login").fill(GROUPED)
    page.locator("#password").fill(NUMBER)
    page.locator("#password").press("Enter")
    expect(page.locator("#errors")).to_be_visible()
    sign_in(page, server.user("долг"))
    page.goto("/pay")
    page.locator("main input[inputmode=decimal]").first.fill(GROUPED)
    go_on(page, "Продолжить")
    expect(page.locator(".error").first).to_be_visible()
    page.locator("main input[inputmode=decimal]").first.fill("100")
    go_on(page, "Продолжить")
    page.locator("#contact").fill(GROUPED)
    go_on(page, "Перейти к оплате")
    expect(page.locator(".error").first).to_be_visible()
    assert told(server, NUMBER) == []
