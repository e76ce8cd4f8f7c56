"""Months of autopay go by, in a demo of its own whose clock is moved."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.support.browser import SCREENS, Screen, Watch
from e2e.support.pages import eventually, sign_in
from e2e.support.server import Server, demo
from e2e.test_autopay import pay_and_save
from e2e.test_payment import go_on, look


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demo that no other test lives in: its clock is not put back."""
    with demo(tmp_path_factory.mktemp("months")) as started:
        yield started


@pytest.mark.parametrize("screen", SCREENS[:1], indirect=True, ids=str)
def test_months_go_by(
    page: Page, server: Server, watch: Watch, screen: Screen, picture: str
) -> None:
    """Told a day ahead, taken, and the month after that skipped by the letter's link."""
    pay_and_save(page, server, watch, screen)
    page.goto("/pay/autopay")
    page.locator("main ul.list a").first.click()
    page.locator("input[name=kind][value=fixed]").check()
    page.get_by_label("Сумма, рублей").fill("700")
    page.get_by_text("В день месяца").click()
    page.get_by_label("День месяца", exact=True).fill("25")
    go_on(page, "Посмотреть, что было бы списано")
    go_on(page, "Включить автоплатёж")
    expect(page.get_by_role("heading", level=1)).to_have_text("Автоплатёж включён")
    for _ in range(4):
        days_on(page, 1)
    letters = page.locator("main section a[href*='/autopay/skip/']")
    eventually(page, letters.first)
    look(page, f"{picture}-1-told")
    days_on(page, 1)
    eventually(page, paid(page, server).nth(1), "/pay/history")
    look(page, f"{picture}-2-taken")
    for days in (7, 7, 7, 7, 1):
        days_on(page, days)
    eventually(page, letters.nth(1))
    letters.first.click()
    look(page, f"{picture}-3-skip")
    go_on(page, "Пропустить")
    expect(page.locator("main")).to_contain_text("пропу")
    days_on(page, 7)
    page.wait_for_timeout(5_000)
    expect(paid(page, server)).to_have_count(2)


def days_on(page: Page, days: int) -> None:
    """Move the demo's clock."""
    page.goto("/dev/inbox")
    page.locator(f"button[name=days][value='{days}']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Входящие демо")


def paid(page: Page, server: Server) -> Locator:
    """The payments that have been taken."""
    page.goto("/pay/history")
    if "/login" in page.url:
        sign_in(page, server.user("долг"))
        page.goto("/pay/history")
    return page.locator("main tbody tr", has_text=re.compile("оплачен", re.IGNORECASE))
