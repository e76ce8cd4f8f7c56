"""Chromium: where it is found, how it is started, and what of it a test must not overlook."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Response,
)

from tesweb.testing.missing import Missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium's sandbox refuses root, who in a container owns nothing else anyway.
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
#: A download that takes longer will not come.
DOWNLOAD_SECONDS = 240
#: What a page reports of itself to the console, so that one place hears it.
_REPORT = """
addEventListener("securitypolicyviolation", event => console.error(
  `content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))
"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A viewport, with or without JavaScript."""

    width: int
    height: int
    scripts: bool

    @property
    def is_phone(self) -> bool:
        """Whether the bar at the thumb is shown instead of the menu on the left."""
        return self.width < self.height

    def __str__(self) -> str:
        """The name of the variant in reports and file names."""
        return f"{'phone' if self.is_phone else 'desktop'}{'' if self.scripts else '-no-js'}"


SCREENS = [
    Screen(width, height, scripts)
    for width, height in ((360, 740), (1280, 800))
    for scripts in (True, False)
]


@dataclass  # no slots: Playwright keeps notes on the object whose method it calls
class Watch:
    """Collects what went wrong in a page; a test that expects some of it says so."""

    problems: list[str] = field(default_factory=list)
    _allowed: set[int] = field(default_factory=set)

    def allow(self, *statuses: int) -> None:
        """Answers with these statuses are what the test is about."""
        self._allowed.update(statuses)

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.add_init_script(_REPORT)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium repeats an answer's status here; `_response` decides on that.
        answered = message.text.startswith("Failed to load resource: the server responded")
        if message.type in {"error", "warning"} and not answered:
            self.problems.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._allowed:
            self.problems.append(f"answer: {response.status} {response.url}")


def browser_path(playwright: Playwright) -> str:
    """TESWEB_CHROMIUM, Playwright's own, the system's, a download: the first there is.

    Raises Missing.
    """
    named = os.environ.get("TESWEB_CHROMIUM")
    if named:
        return named
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        _download()
        if not Path(own).exists():
            raise Missing("Chromium", "apt-get install chromium")
        return own
    return found


def _download() -> None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, check=False, timeout=DOWNLOAD_SECONDS, capture_output=True)
    except subprocess.TimeoutExpired:
        return


def poll(page: Page, expression: str, seconds: float = 10) -> object:
    """Wait until a JavaScript expression is true and return it.

    Playwright's own `wait_for_function` needs eval, which the content policy refuses. Raises
    TimeoutError.
    """
    waited = 0.0
    while waited < seconds:
        try:
            value = page.evaluate(expression)
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
            value = None
        if value:
            return value
        page.wait_for_timeout(50)
        waited += 0.05
    raise TimeoutError(expression)
