"""A real server, a real browser, a page for each kind of screen."""

import re
from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from e2e.support.browser import ARGUMENTS, SCREENS, Screen, Watch, browser_path
from e2e.support.server import Server, demo
from tesweb.testing.missing import Missing, skip


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with demo(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def server(running: Server) -> Server:
    """The demo as it was just after its start, whatever other tests have done to it."""
    running.restore()
    return running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright itself: there can be one in a process."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium_path(playwright: Playwright) -> str:
    """The browser's program."""
    try:
        return browser_path(playwright)
    except Missing as missing:
        skip(missing)


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
    yield opened
    opened.close()


@pytest.fixture(params=SCREENS, ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    """Phone and desktop, each with and without JavaScript; narrow it by `parametrize`."""
    return cast("Screen", request.param)


@pytest.fixture
def watch() -> Watch:
    """What went wrong on the test's pages; `watch.allow(422)` where it is meant to."""
    return Watch()


@pytest.fixture
def context(
    browser: Browser, server: Server, screen: Screen, watch: Watch
) -> Iterator[BrowserContext]:
    """A fresh browser profile. The test fails for any error that its pages have reported."""
    opened = browser.new_context(
        base_url=server.address,
        viewport={"width": screen.width, "height": screen.height},
        java_script_enabled=screen.scripts,
        has_touch=screen.is_phone,
        locale="ru-RU",
        timezone_id="Asia/Yekaterinburg",
        reduced_motion="reduce",
    )
    opened.set_default_timeout(10_000)
    watch.follow(opened)
    yield opened
    opened.close()
    assert watch.problems == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> str:
    """A file name for screenshots of this test."""
    return re.sub(r"[^\w-]+", "-", request.node.name).strip("-")
