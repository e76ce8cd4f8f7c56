"""The account as an app: it can be installed, and says so kindly when there is no network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from e2e.support.browser import ARGUMENTS, SCREENS, Screen, poll
from e2e.support.pages import check_axe, check_fits, screenshot, sign_in
from e2e.support.server import Server

WITH_SCRIPTS = [screen for screen in SCREENS if screen.scripts]
CONTROLLED = "navigator.serviceWorker.controller !== null"
WORKS = "navigator.serviceWorker.getRegistration().then(found => Boolean(found?.active))"


def wait_for_worker(page: Page) -> None:
    """A page that was still loading when the worker claimed the others has it from the next load.

    The specification leaves such pages out: Clients.claim() skips who is not execution ready.
    """
    assert poll(page, WORKS)
    page.reload()
    assert poll(page, CONTROLLED)


@pytest.fixture
def installed(
    playwright: Playwright, chromium_path: str, server: Server, tmp_path: Path
) -> Iterator[BrowserContext]:
    """A profile that is kept: browsers install nothing from a private window."""
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium_path, args=ARGUMENTS, base_url=server.address
    )
    yield context
    context.close()


def test_a_browser_offers_to_install_it(installed: BrowserContext) -> None:
    page = installed.new_page()
    page.goto("/login")
    assert poll(page, CONTROLLED)
    session = installed.new_cdp_session(page)
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []


@pytest.mark.parametrize("screen", WITH_SCRIPTS, ids=str, indirect=True)
def test_without_a_network_there_is_a_page_that_says_so(
    page: Page, context: BrowserContext, server: Server, screen: Screen, picture: str
) -> None:
    sign_in(page, server.user("9993"))
    wait_for_worker(page)
    context.set_offline(True)
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Нет связи")
    assert "Иванова" not in page.content()
    check_fits(page)
    check_axe(page)
    screenshot(page, f"{picture}-{screen}")
    context.set_offline(False)
    page.goto("/")
    expect(page.locator("main")).to_be_visible()


@pytest.mark.parametrize("screen", WITH_SCRIPTS[:1], ids=str, indirect=True)
def test_the_worker_keeps_nothing_of_anybody_s(page: Page, server: Server) -> None:
    sign_in(page, server.user("9993"))
    wait_for_worker(page)
    page.goto("/more")
    kept = page.evaluate(
        """async () => {
          const urls = [];
          for (const name of await caches.keys())
            for (const request of await (await caches.open(name)).keys())
              urls.push(new URL(request.url).pathname);
          return urls;
        }"""
    )
    assert kept
    assert {path for path in kept if not path.startswith("/static/")} == {"/offline"}
