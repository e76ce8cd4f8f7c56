"""A browser without JavaScript, as a test needs it."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tesweb.current import Core
from tesweb.identity import session as sessions
from tesweb.testing.pages import Page

ORIGIN = "https://localhost"
#: What a browser says about a request that its own page makes, and htmx 4 about its own.
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"} | SAME_ORIGIN


class Client(FlaskClient):
    """Speaks HTTPS, so that `__Host-` cookies work, and fills in forms."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 - werkzeug's own signature
        """Make a request; see werkzeug.test.Client.open."""
        if args and isinstance(args[0], str):
            kwargs.setdefault("base_url", ORIGIN)
        return super().open(*args, **kwargs)

    def page(self, url: str, status: int = 200) -> Page:
        """Open an address that answers with `status` and read the page."""
        response = self.get(url, follow_redirects=True)
        assert response.status_code == status, f"{url}: {response.status}\n{response.text}"  # noqa: S101 - a test's helper
        return Page(response.text)

    def submit(
        self,
        url: str,
        action: str,
        values: dict[str, str],
        headers: dict[str, str] = SAME_ORIGIN,
    ) -> TestResponse:
        """Open `url`, fill in the form with that `action`, send it, follow no redirect.

        Raises LookupError for a form or a field that the page does not have.
        """
        form = self.page(url).form(action)
        unknown = values.keys() - form.names - {name for name, _ in form.buttons}
        if unknown:
            raise LookupError(f"{sorted(unknown)} are none of {sorted(form.names)}")
        filled = form.fields | values
        if form.method == "get":
            return self.get(action or url, query_string=filled, headers=headers)
        return self.post(action or url, data=filled, headers=headers)

    def become(self, core: Core, user_id: int, factors: str = "") -> None:
        """Sign a user in by a new session, past the login form and its slow password hash.

        With `factors`, `password` for instance, the proof is fresh, as pages that change who may
        get in want it.
        """
        origin = sessions.Origin(factors)
        with core.database.work() as work:
            sid = sessions.start(work, user_id, core.clock, core.settings.session_days, origin)
        self.set_cookie(sessions.COOKIE, sid, secure=True, httponly=True, samesite="Lax")
