"""A process killed at any moment: the message goes, and once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import text

from tests.messages.conftest import Mailbox, Post
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.messages.delivery import Round, deliver
from tesweb.messages.rules import LEASE
from tesweb.testing.factories import Factory

#: A worker of its own that stops with a message in hand and says so.
WORKER = """
import json, sys, time
from tesweb.app import create_app
from tesweb.messages import delivery, mail
from tesweb.testing.fixtures import START, TestSettings
from tesweb.clock import FixedClock

facts = json.loads(sys.argv[1])
stop = facts.pop("stop")
def hang(*words, **more):
    print("here", flush=True)
    time.sleep(600)
if stop == "claimed":
    mail.Mail._connect = hang
else:
    delivery._mark = hang
app = create_app(TestSettings(**facts), FixedClock(START))
with app.app_context():
    delivery.deliver()
"""
Kill = Callable[[str], None]


@pytest.fixture
def kill(app: Flask, core: Core, tmp_path: Path) -> Kill:
    """Start a worker and kill it when it is at the named place."""
    del app
    chosen = core.settings

    def run(stop: str) -> None:
        facts = {
            "folder": str(tmp_path),
            "database": chosen.database,
            "secret_key": "s" * 64,
            "smtp_host": chosen.smtp_host,
            "smtp_port": chosen.smtp_port,
            "smtp_security": "none",
            "mail_from": chosen.mail_from,
            "public_address": chosen.public_address,
            "stop": stop,
        }
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            [sys.executable, "-c", WORKER, json.dumps(facts)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        ) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "here\n"
            worker.send_signal(signal.SIGKILL)
            assert worker.wait(10) == -signal.SIGKILL

    return run


def carry_out(app: Flask) -> Round:
    with app.app_context():
        return deliver()


@pytest.mark.usefixtures("mail_server")
def test_killed_with_a_message_in_hand(
    app: Flask, post: Post, kill: Kill, clock: FixedClock, mailbox: Mailbox
) -> None:
    post.put()
    kill("claimed")
    assert mailbox.letters == []
    clock.moment += LEASE - timedelta(seconds=1)
    assert carry_out(app) == Round()  # it may be alive and slow
    clock.moment += timedelta(seconds=1)
    assert carry_out(app) == Round(sent=1)
    clock.moment += timedelta(days=1)
    assert carry_out(app) == Round()
    assert len(mailbox.letters) == 1


@pytest.mark.usefixtures("mail_server")
def test_killed_between_the_servers_yes_and_the_mark(
    app: Flask, post: Post, kill: Kill, clock: FixedClock, mailbox: Mailbox
) -> None:
    post.put()
    kill("sent")
    assert len(mailbox.letters) == 1
    clock.moment += LEASE
    assert carry_out(app) == Round(sent=1)
    first, second = (letter["Message-ID"] for letter in mailbox.letters)
    assert first == second


def test_killed_between_the_event_and_the_sending(
    app: Flask, make: Factory, core: Core, mailbox: Mailbox, free_port: int
) -> None:
    """What is committed is all there is: a process that never sent leaves nothing else behind."""
    writer = (
        "import sys, os, signal\n"
        "from tesweb.app import create_app\n"
        "from tesweb.clock import FixedClock\n"
        "from tesweb.testing.fixtures import START, TestSettings\n"
        "from tesweb.journal.services import record\n"
        "from tesweb.journal.rules import What\n"
        "from tesweb.current import core\n"
        "app = create_app(TestSettings(folder=sys.argv[1], database=sys.argv[2],"
        " secret_key='s' * 64), FixedClock(START))\n"
        "with app.app_context():\n"
        "    with core().database.work() as work:\n"
        "        record(work, int(sys.argv[3]), What.PASSWORD_CHANGED)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    user = make.user(email="anna@example.ru")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            writer,
            str(core.settings.folder),
            core.settings.database,
            str(user.id),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port)
    controller.start()
    try:
        assert carry_out(app) == Round(sent=1)
    finally:
        controller.stop()
    assert mailbox.recipients == [["anna@example.ru"]]


@pytest.mark.usefixtures("mail_server")
def test_workers_at_the_same_moment_send_each_message_once(
    app: Flask, post: Post, mailbox: Mailbox, core: Core
) -> None:
    for number in range(20):
        post.put(f"user{number}@example.ru")
    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(carry_out, [app] * 4))
    assert sum(done.sent for done in rounds) == 20
    assert len({names[0] for names in mailbox.recipients}) == len(mailbox.recipients) == 20
    with core.database.read() as reader:
        states = set(reader.execute(text("SELECT state FROM outbox")).scalars())
    assert states == {"sent"}
