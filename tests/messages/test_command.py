"""`tesweb messages` as a process of its own, on both databases."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.commands.processes import call
from tests.messages.conftest import Mailbox, Post

Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def messages(tmp_path: Path, database: str, free_port: int) -> Command:
    """The command with the settings of a mail server at `free_port`."""

    def run(*words: str) -> "CompletedProcess[str]":
        return call(
            tmp_path,
            "messages",
            *words,
            TESWEB_DATABASE=database,
            TESWEB_SMTP_HOST="127.0.0.1",
            TESWEB_SMTP_PORT=str(free_port),
            TESWEB_SMTP_SECURITY="none",
            TESWEB_MAIL_FROM="lk@example.ru",
            TESWEB_PUBLIC_ADDRESS="https://lk.example.ru",
        )

    return run


@pytest.mark.usefixtures("mail_server")
def test_what_is_due_is_sent_once(messages: Command, post: Post, mailbox: Mailbox) -> None:
    post.put()
    done = messages("deliver", "--once", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"sent": 1, "put_off": 0, "dead": 0}
    assert messages("deliver", "--once").stdout == "0 sent, 0 tried in vain, 0 given up\n"
    assert mailbox.recipients == [["anna@example.ru"]]
    assert messages("list").stdout == "nothing is waiting\n"


def test_what_waits_is_listed_without_addresses_and_texts(messages: Command, post: Post) -> None:
    post.put()
    post.put("+79123456789")
    tried = messages("deliver", "--once")
    assert tried.returncode == 0, tried.stderr
    assert "0 sent" in tried.stdout
    listed = messages("list", "--json")
    found = {row["channel"]: row for row in json.loads(listed.stdout)["messages"]}
    assert found["email"]["recipient"] == "a•••@example.ru"
    assert found["sms"]["recipient"].startswith("+7\u00a0912\u00a0•••")
    assert found["email"]["tries"] == 1
    plain = messages("list").stdout
    assert "security" in plain
    for secret in ("anna@", "3456789", "secret-lock", "Анна"):
        assert secret not in listed.stdout + plain + tried.stdout + tried.stderr


def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    refused = call(tmp_path, "messages", "list")
    assert refused.returncode != 0
    assert "tesweb db upgrade" in refused.stderr
