"""What is in the outbox goes out: each message once, and one bad one stops no other."""

import logging
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import text

from tests.messages.conftest import Mailbox, Post
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.messages.delivery import Round, deliver, sweep
from tesweb.messages.rules import MOST_TRIES

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def in_application(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def rows(core: Core) -> list[tuple[Any, ...]]:
    with core.database.read() as reader:
        asked = text("SELECT recipient, state, tries, payload FROM outbox ORDER BY id")
        return [tuple(row) for row in reader.execute(asked)]


@pytest.mark.usefixtures("mail_server")
def test_a_letter_says_what_when_where_and_how_to_lock(mailbox: Mailbox, post: Post) -> None:
    post.put()
    assert deliver() == Round(sent=1)
    (letter,) = mailbox.letters
    assert mailbox.recipients == [["anna@example.ru"]]
    assert letter["Subject"] == "Изменён пароль"
    assert letter["To"] == "anna@example.ru"
    assert letter["From"] == "Энергосбыт <lk@example.ru>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@example.ru>")
    assert letter["Date"].datetime.year == 2026
    body = letter.get_content()
    assert letter.get_content_type() == "text/plain"
    for part in (
        "Анна",
        "20\N{NO-BREAK SPACE}ноября\N{NO-BREAK SPACE}2026, 12:00",
        "Chrome, Android",
        "203.0.113.*",
        "https://lk.example.ru/freeze?key=secret-lock",
    ):
        assert part in body


@pytest.mark.usefixtures("mail_server")
def test_a_message_goes_once_and_its_secret_is_gone(
    mailbox: Mailbox, post: Post, core: Core
) -> None:
    post.put()
    post.put()  # the same event once more
    deliver()
    deliver()
    assert len(mailbox.letters) == 1
    assert rows(core) == [("anna@example.ru", "sent", 1, "{}")]


@pytest.mark.usefixtures("mail_server")
def test_a_bad_recipient_stops_no_other(mailbox: Mailbox, post: Post, core: Core) -> None:
    mailbox.answers = {"gone@example.ru": "550 no such user", "full@example.ru": "452 full"}
    for recipient in ("gone@example.ru", "full@example.ru", "no address", "anna@example.ru"):
        post.put(recipient)
    assert deliver() == Round(sent=1, put_off=1, dead=2)
    assert [(row[0], row[1]) for row in rows(core)] == [
        ("gone@example.ru", "dead"),
        ("full@example.ru", "waiting"),
        ("no address", "dead"),
        ("anna@example.ru", "sent"),
    ]


@pytest.mark.usefixtures("mail_server")
def test_a_template_that_is_gone_stops_no_other(post: Post, mailbox: Mailbox, core: Core) -> None:
    post.put("first@example.ru")
    with core.database.work() as work:
        work.execute(text("UPDATE outbox SET template = 'nothing'"))
    post.put("second@example.ru")
    assert deliver() == Round(sent=1, put_off=1)
    assert mailbox.recipients == [["second@example.ru"]]


def test_a_server_that_is_down_is_tried_again_later(
    post: Post, core: Core, clock: FixedClock, mailbox: Mailbox, free_port: int
) -> None:
    post.put()
    post.put("other@example.ru")
    assert deliver() == Round(put_off=1)  # the other one is not tried in vain
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port)
    controller.start()
    try:
        assert deliver() == Round(sent=1)
        clock.moment += timedelta(seconds=59)
        assert deliver() == Round()
        clock.moment += timedelta(seconds=1)
        assert deliver() == Round(sent=1)
    finally:
        controller.stop()
    assert [row[1] for row in rows(core)] == ["sent", "sent"]


def test_a_message_is_given_up_in_the_end(post: Post, core: Core, clock: FixedClock) -> None:
    post.put()
    tries = 0
    while rows(core)[0][1] == "waiting":
        deliver()
        tries += 1
        clock.moment += timedelta(hours=13)
    assert tries <= MOST_TRIES + 5
    assert rows(core)[0][1:] == ("dead", rows(core)[0][2], "{}")


@pytest.mark.usefixtures("mail_server")
def test_an_old_code_is_never_sent(
    post: Post, core: Core, clock: FixedClock, mailbox: Mailbox
) -> None:
    post.put()
    with core.database.work() as work:
        work.execute(
            text("UPDATE outbox SET expires_at = :moment"),
            {"moment": str(clock.moment + timedelta(minutes=10))[:26]}
            if core.database.is_sqlite
            else {"moment": clock.moment + timedelta(minutes=10)},
        )
    clock.moment += timedelta(minutes=11)
    deliver()
    assert mailbox.letters == []
    assert rows(core)[0][1] == "dead"


@pytest.mark.usefixtures("mail_server")
def test_what_was_sent_is_forgotten_after_a_month(
    post: Post, core: Core, clock: FixedClock
) -> None:
    post.put()
    deliver()
    clock.moment += timedelta(days=29)
    sweep(core)
    assert len(rows(core)) == 1
    clock.moment += timedelta(days=2)
    sweep(core)
    assert rows(core) == []


@pytest.mark.usefixtures("mail_server")
def test_a_line_break_in_a_name_makes_no_header(mailbox: Mailbox, post: Post, core: Core) -> None:
    post.put(path="/x", login="x", name="Анна\r\nBcc: spy@example.ru", address="y")
    with core.database.work() as work:
        work.execute(text("UPDATE outbox SET template = 'invitation'"))
    assert deliver() == Round(sent=1)
    (letter,) = mailbox.letters
    assert mailbox.recipients == [["anna@example.ru"]]
    assert letter["Bcc"] is None
    assert letter["Subject"].startswith("Анна")


def test_no_line_of_the_log_names_anybody(
    post: Post, mailbox: Mailbox, free_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mailbox.answers = {"anna@example.ru": "550 anna@example.ru unknown"}
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port)
    controller.start()
    post.put()
    deliver()
    controller.stop()
    post.put("other@example.ru")
    deliver()
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("tesweb")]
    assert len(ours) == 2
    assert not [line for line in ours if "@" in line or "secret-lock" in line or "Анна" in line]


class TestOverTls:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    @pytest.fixture
    def tls(self, authority: trustme.CA, mailbox: Mailbox, free_port: int) -> Iterator[Controller]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        controller = Controller(
            mailbox,
            hostname="127.0.0.1",
            port=free_port,
            tls_context=context,
            require_starttls=True,
        )
        controller.start()
        yield controller
        controller.stop()

    @pytest.fixture
    def overrides(self, overrides: dict[str, Any]) -> dict[str, Any]:
        return overrides | {"smtp_security": "starttls"}

    @pytest.mark.usefixtures("tls")
    def test_a_known_certificate_is_used(
        self,
        post: Post,
        mailbox: Mailbox,
        authority: trustme.CA,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        post.put()
        assert deliver() == Round(sent=1)
        assert len(mailbox.letters) == 1

    @pytest.mark.usefixtures("tls")
    def test_an_unknown_certificate_is_not_trusted(self, post: Post, mailbox: Mailbox) -> None:
        post.put()
        assert deliver() == Round(put_off=1)
        assert mailbox.letters == []

    @pytest.mark.usefixtures("mail_server")
    def test_a_server_without_tls_gets_nothing(self, post: Post, mailbox: Mailbox) -> None:
        post.put()
        assert deliver() == Round(put_off=1)
        assert mailbox.letters == []


class TestOverImplicitTls:
    """Port 465: TLS from the first byte, no word in clear."""

    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    @pytest.fixture(params=["127.0.0.1", "mail.example.ru"])
    def tls(
        self,
        request: pytest.FixtureRequest,
        authority: trustme.CA,
        mailbox: Mailbox,
        free_port: int,
    ) -> Iterator[str]:
        """A server with a certificate for that name."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(request.param).configure_cert(context)
        controller = Controller(mailbox, hostname="127.0.0.1", port=free_port, ssl_context=context)
        controller.start()
        yield str(request.param)
        controller.stop()

    @pytest.fixture
    def overrides(self, overrides: dict[str, Any]) -> dict[str, Any]:
        return overrides | {"smtp_security": "tls"}

    @pytest.fixture
    def trusted(self, authority: trustme.CA, tmp_path: Path) -> str:
        """The file of an authority that the machine trusts."""
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        return str(tmp_path / "ca.pem")

    def test_a_certificate_is_used_that_is_known_and_of_this_server(
        self, tls: str, trusted: str, post: Post, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post.put()
        assert deliver() == Round(put_off=1)  # nobody vouches for it
        assert mailbox.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
        post.put("vera@example.ru")
        is_its_own = tls == "127.0.0.1"
        assert deliver().sent == is_its_own
        assert len(mailbox.letters) == is_its_own

    @pytest.mark.usefixtures("mail_server")
    def test_a_server_in_clear_gets_nothing(self, post: Post, mailbox: Mailbox) -> None:
        post.put()
        assert deliver() == Round(put_off=1)
        assert mailbox.letters == []
