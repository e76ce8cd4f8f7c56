"""The demo's inbox, which nobody else has; and the commands."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.messages.conftest import Post
from tesweb.clock import DemoClock
from tesweb.current import Core
from tesweb.messages.delivery import Round, deliver
from tesweb.testing.client import SAME_ORIGIN, Client


def test_there_is_no_inbox_outside_of_the_demo(client: Client) -> None:
    assert client.get("/dev/inbox").status_code == 404


def test_nobody_moves_the_clock_outside_of_the_demo(client: Client) -> None:
    answer = client.post("/dev/clock", data={"days": "1"}, headers=SAME_ORIGIN)
    assert answer.status_code == 404


class TestInTheDemo:
    @pytest.fixture
    def overrides(self, tmp_path: Path) -> dict[str, Any]:
        return {
            "demo": True,
            "folder": tmp_path,
            "public_address": "http://localhost:8000",
            "smtp_host": "127.0.0.1",
        }

    @pytest.fixture
    def clock(self) -> DemoClock:
        return DemoClock()

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

    def test_days_go_by_at_once(self, client: Client, core: Core) -> None:
        before = core.clock.now()
        page = client.page("/dev/inbox")
        answer = client.post(
            "/dev/clock", data=page.form("/dev/clock").fields | {"days": "7"}, headers=SAME_ORIGIN
        )
        assert (answer.status_code, answer.location) == (303, "/dev/inbox")
        assert timedelta(days=7) <= core.clock.now() - before < timedelta(days=7, minutes=5)

    @pytest.mark.parametrize("days", ["", "0", "-1", "2", "x", "99999999999999999999"])
    def test_no_other_days_can_be_asked_for(self, client: Client, core: Core, days: str) -> None:
        before = core.clock.now()
        fields = client.page("/dev/inbox").form("/dev/clock").fields
        answer = client.post("/dev/clock", data=fields | {"days": days}, headers=SAME_ORIGIN)
        assert answer.status_code == 404
        assert core.clock.now() - before < timedelta(minutes=5)

    def test_several_processes_have_no_clock_to_move(self, app: Flask, client: Client) -> None:
        fields = client.page("/dev/inbox").form("/dev/clock").fields
        core = app.extensions["tesweb"]
        app.extensions["tesweb"] = replace(
            core, settings=core.settings.model_copy(update={"workers": 2})
        )
        assert "Часы демо" not in client.page("/dev/inbox").text
        answer = client.post("/dev/clock", data=fields | {"days": "1"}, headers=SAME_ORIGIN)
        assert answer.status_code == 404
