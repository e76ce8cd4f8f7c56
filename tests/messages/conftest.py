"""An application whose letters go to a real mail server of the test's own."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from tesweb.current import Core
from tesweb.messages.services import Message, enqueue


@dataclass
class Mailbox:
    """Takes letters, or answers as it is told to."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        del server, session, options
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        del server, session
        content = cast("bytes", envelope.content)
        self.letters.append(message_from_bytes(content, policy=policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail_server(mailbox: Mailbox, free_port: int) -> Iterator[Controller]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def overrides(free_port: int) -> dict[str, Any]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": free_port,
        "smtp_security": "none",
        "mail_from": "Энергосбыт <lk@example.ru>",
        "public_address": "https://lk.example.ru",
    }


@dataclass
class Post:
    app: Flask
    core: Core

    def put(self, recipient: str = "anna@example.ru", **values: str) -> None:
        """A security message into the outbox."""
        channel = "sms" if recipient.startswith("+") else "email"
        facts = {
            "what": "password_changed",
            "name": "Анна",
            "moment": "2026-11-20T07:00:00+00:00",
            "device": "Chrome, Android",
            "network": "203.0.113.0/24",
            "lock": "secret-lock",
            "region": "tyumen",
        }
        message = Message(recipient, channel, recipient, "ru", "security", facts | values)
        with self.app.app_context(), self.core.database.work() as work:
            enqueue(work, message)


@pytest.fixture
def post(app: Flask, core: Core) -> Post:
    return Post(app, core)
