"""What every test does on a page: sign in, look at it as axe and as a person do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, expect

from e2e.support.server import DemoUser

#: WCAG 2.2 AA, what its authors advise beyond, and a rule that axe leaves off by default.
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
#: The page's own scripts stay as silent as they were.
_NO_SCRIPTS = "script-src 'none'"
_RULES = {
    "runOnly": {"type": "tag", "values": list(_TAGS)},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def sign_in(page: Page, user: DemoUser) -> None:
    """Through the form, as a person does."""
    page.goto("/login")
    page.locator("input[name=login]").fill(user.login)
    page.locator("input[name=password]").fill(user.password)
    page.locator("main form button:not([type=button])").first.click()
    expect(page).not_to_have_url("**/login")


def eventually(page: Page, wanted: Locator, url: str = "/dev/inbox") -> None:
    """Look again until the worker, who looks each second, has done it."""
    for _ in range(20):
        page.goto(url)
        if wanted.count():
            return
        page.wait_for_timeout(1_000)
    expect(wanted).to_be_visible()


def check_axe(page: Page) -> None:
    """No violation on the page as it stands."""
    with _scripted(page) as copy:
        found = _axe(copy)
    faults = [
        f"{violation['id']} ({violation['impact']}): {node['html']}\n  {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]
    assert not faults, f"{page.url}\n" + "\n".join(faults)


def check_fits(page: Page) -> None:
    """Nothing is wider than the screen: nobody has to scroll sideways."""
    page.wait_for_load_state()  # between two pages there is nothing to measure
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{page.url} is {wide} px wide on a screen of {screen}"


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the whole page in the folder that TESWEB_SCREENSHOTS names, if it does."""
    folder = os.environ.get("TESWEB_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        # To hide the caret Playwright writes inline styles; htmx copies them, the policy objects.
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, caret="initial")


@contextmanager
def _scripted(page: Page) -> Iterator[Page]:
    """The page itself, or the same document where axe can run: it needs promises to be kept."""
    browser = page.context.browser
    if browser is None or not page.evaluate("matchMedia('(scripting: none)').matches"):
        yield page
        return
    html = page.content()
    context = browser.new_context(viewport=page.viewport_size, locale="ru-RU")
    copy = context.new_page()
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _NO_SCRIPTS}
    copy.route(page.url, lambda route: route.fulfill(body=html, headers=headers))
    copy.goto(page.url)
    yield copy
    context.close()


def _axe(page: Page) -> list[dict[str, Any]]:
    page.evaluate(AXE_SCRIPT)
    answer = page.evaluate("options => axe.run(document, options)", _RULES)
    return cast("list[dict[str, Any]]", answer["violations"])
