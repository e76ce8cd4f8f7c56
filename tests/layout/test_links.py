"""Addresses in templates are those that Flask would give."""

from flask import Flask, url_for

from tesweb.layout.links import Links


def flask_url(endpoint: str, **values: int) -> str:
    return url_for(endpoint, _external=False, **values)  # type: ignore[arg-type]  # a route's own


def test_a_link_is_what_flask_gives(app: Flask) -> None:
    links = Links()
    with app.test_request_context():
        for number in (1, 1_000_000_000, 9_007_199_254_740_991):
            for endpoint, values in (
                ("dashboard.account", {"account_id": number}),
                ("readings.page", {"account_id": number}),
                ("readings.receipt", {"account_id": 3, "receipt_id": number}),
                ("readings.receipt", {"receipt_id": number, "account_id": 3}),
                ("readings.page", {"account_id": number, "page": 7}),
            ):
                assert links(endpoint, **values) == flask_url(endpoint, **values)
        assert links("identity.login", next="/a?b=%d") == url_for("identity.login", next="/a?b=%d")
        assert links("dashboard.home") == url_for("dashboard.home")
