"""The pages on a slow link, in Chromium at a phone's size: bytes, first paint, swap."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from bench import bulk
from bench.servers import tesweb
from bench.stores import Store
from e2e.support.browser import ARGUMENTS, browser_path
from tesweb.identity.session import COOKIE
from tesweb.testing.databases import free_port

_PHONE = (360, 740)
#: Says in the page when something was clicked and when the answer was in place.
_WATCH = """
addEventListener("click", () => { window.clicked = performance.now(); }, true);
addEventListener("htmx:after:swap", () => { window.swapped ??= performance.now(); }, true);
new PerformanceObserver(list => { window.largest = list.getEntries().at(-1).startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
"""
_PAINTS = """() => [performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  window.largest ?? 0, performance.getEntriesByType("navigation")[0].loadEventEnd]"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page loaded with nothing in the cache, on a new connection."""

    name: str
    #: Seconds after the address was entered.
    first_paint: float
    largest_paint: float
    loaded: float
    #: Came down the link for it, headers included, before and after the service worker's own.
    kilobytes: float
    kilobytes_with_worker: float
    requests: int


@dataclass(frozen=True, slots=True)
class Swap:
    """A form sent by htmx and the fragment put in place."""

    #: Seconds from the click.
    seconds: float
    #: The fragment's body as it came.
    bytes_of_body: int


class Slow:
    """The relay and its counter."""

    def __init__(self, port: int) -> None:
        """A relay that listens on `port`."""
        self.port = port

    @property
    def address(self) -> str:
        """Chromium takes secure cookies on this name without HTTPS."""
        return f"http://localhost:{self.port}"

    def down(self) -> int:
        """Bytes carried to the browser so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + 1}/") as answer:
            return int(json.load(answer)["down"])


def measure(store: Store, times: int) -> tuple[list[Visit], Swap]:
    """Load each page `times` times and send one reading as often; medians."""
    with (
        tesweb(store) as server,
        _slow(server.port) as slow,
        sync_playwright() as playwright,
        _chromium(playwright) as browser,
    ):
        account = store.chosen[0]
        pages = {
            "login": "/login",
            "dashboard": f"/accounts/{account}/",
            "readings": f"/readings/{account}/",
        }
        visits = [
            _median([_visit(browser, slow, name, path, account) for _ in range(times)])
            for name, path in pages.items()
        ]
        swaps = [_swap(browser, slow, pages["readings"], account) for _ in range(times)]
    return visits, Swap(median(swap.seconds for swap in swaps), swaps[0].bytes_of_body)


@contextmanager
def _chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=browser_path(playwright), args=ARGUMENTS)
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def _slow(target: int) -> Iterator[Slow]:
    port = free_port()
    relay = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("slowlink.py")), str(port), str(target)]
    )
    try:
        slow = Slow(port)
        _until_answering(slow)
        yield slow
    finally:
        relay.terminate()
        relay.wait()


def _until_answering(slow: Slow) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            slow.down()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the relay does not answer")


@contextmanager
def _phone(browser: Browser, account: int | None) -> Iterator[BrowserContext]:
    width, height = _PHONE
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ru-RU")
    context.add_init_script(_WATCH)
    if account is not None:
        context.add_cookies(
            # Chromium sends a secure cookie to localhost without HTTPS, but takes it only with it.
            [{"name": COOKIE, "value": bulk.sid(account), "url": "https://localhost/"}]
        )
    try:
        yield context
    finally:
        context.close()


def _visit(browser: Browser, slow: Slow, name: str, path: str, account: int) -> Visit:
    with _phone(browser, None if name == "login" else account) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        before = slow.down()
        page.goto(slow.address + path, wait_until="load")
        loaded = slow.down() - before
        requests = len(asked)
        _until_quiet(slow)
        first, largest, load = page.evaluate(_PAINTS)
        return Visit(
            name,
            first / 1000,
            largest / 1000,
            load / 1000,
            loaded / 1000,
            (slow.down() - before) / 1000,
            requests,
        )


def _swap(browser: Browser, slow: Slow, path: str, account: int) -> Swap:
    with _phone(browser, account) as context:
        page = context.new_page()
        page.goto(slow.address + path, wait_until="load")
        _until_quiet(slow)
        for number, dial in enumerate(page.locator("main input.dial").all(), start=1):
            dial.fill(str(bulk.last_value(account, number) + 100))
        with page.expect_response(lambda answer: "check" in answer.url) as answer:
            page.locator("main form p.buttons button.button:not(.plain)").click()
        size = answer.value.request.sizes()["responseBodySize"]
        return Swap(_swapped(page), size)


def _swapped(page: Page) -> float:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        milliseconds = page.evaluate("(window.swapped ?? 0) - window.clicked")
        if milliseconds > 0:
            return float(milliseconds) / 1000
        time.sleep(0.02)
    raise RuntimeError("nothing was swapped")


def _until_quiet(slow: Slow) -> None:
    """Until the link has carried nothing for a second and a half."""
    seen, since = slow.down(), time.monotonic()
    while time.monotonic() - since < 1.5:
        time.sleep(0.1)
        now = slow.down()
        if now != seen:
            seen, since = now, time.monotonic()


def _median(visits: list[Visit]) -> Visit:
    return Visit(
        visits[0].name,
        median(visit.first_paint for visit in visits),
        median(visit.largest_paint for visit in visits),
        median(visit.loaded for visit in visits),
        median(visit.kilobytes for visit in visits),
        median(visit.kilobytes_with_worker for visit in visits),
        visits[0].requests,
    )
