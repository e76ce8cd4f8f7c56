"""The demo's inbox, which nobody else has; and the commands."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.messages.conftest import Post
from tesweb.messages.delivery import Round, deliver
from tesweb.testing.client import Client


def test_there_is_no_inbox_outside_of_the_demo(client: Client) -> None:
    assert client.get("/dev/inbox").status_code == 404


class TestInTheDemo:
    @pytest.fixture
    def overrides(self, tmp_path: Path) -> dict[str, Any]:
        return {
            "demo": True,
            "folder": tmp_path,
            "public_address": "http://localhost:8000",
            "smtp_host": "127.0.0.1",
        }

    def test_what_was_sent_is_shown_with_its_link(
        self, app: Flask, client: Client, post: Post
    ) -> None:
        assert "Пока ничего не отправлено." in client.page("/dev/inbox").text
        post.put()
        post.put("+79123456789", name="<b>x</b>")
        with app.app_context():
            assert deliver() == Round(sent=2)
        shown = client.get("/dev/inbox").text
        assert 'href="http://localhost:8000/freeze?key=secret-lock"' in shown
        assert "anna@example.ru" in shown
        assert "+79123456789" in shown
