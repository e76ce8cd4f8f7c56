"""The pytest plugin for authors of plugins: `app`, `client`, `core`, `make`, `sign_in`.

It is active wherever tesweb and pytest are installed. `docs/testing.md` shows how to use it.
"""

import pytest

from tesweb.testing.missing import everything_is_required


def pytest_configure(config: pytest.Config) -> None:
    """Bring in the fixtures now, not at import: coverage starts before the application."""
    config.pluginmanager.import_plugin("tesweb.testing.fixtures")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under `TESWEB_REQUIRE=all` a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not everything_is_required():
        return
    skipped = len(reporter.stats.get("skipped", ()))
    if skipped:
        reporter.write_line(f"TESWEB_REQUIRE=all, and {skipped} skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
