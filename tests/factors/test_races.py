"""Whoever shows a code first is in, whoever shows it at the same moment is not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Connection

from tests.factors.phones import Phone
from tesweb.current import Core
from tesweb.factors import codes
from tesweb.factors.rules import Verdict
from tesweb.testing.factories import MadeUser

Judge = Callable[[Connection, int, str], Verdict]


@pytest.fixture
def twenty_tries(app: Flask, core: Core, user: MadeUser) -> Callable[[Judge, str], list[Verdict]]:
    """Ten at once, twice each: SQLite keeps a connection for each writing thread."""
    start = Barrier(10)

    def tries(judge: Judge, digits: str) -> list[Verdict]:
        def use(_: int) -> list[Verdict]:
            start.wait()
            return [once(), once()]

        def once() -> Verdict:
            with app.test_request_context(), core.database.work() as work:
                return judge(work, user.id, digits)

        with ThreadPoolExecutor(10) as pool:
            return [verdict for verdicts in pool.map(use, range(10)) for verdict in verdicts]

    return tries


def test_twenty_at_once_with_one_code_and_one_is_right(
    app_phone: Phone, twenty_tries: Callable[[Judge, str], list[Verdict]]
) -> None:
    verdicts = twenty_tries(codes._try_app, app_phone.code())
    assert (verdicts.count(Verdict.RIGHT), verdicts.count(Verdict.USED)) == (1, 19)


def test_twenty_at_once_with_one_paper_code_and_one_is_right(
    paper: list[str], twenty_tries: Callable[[Judge, str], list[Verdict]]
) -> None:
    verdicts = twenty_tries(codes._try_paper, paper[0].replace(" ", ""))
    assert (verdicts.count(Verdict.RIGHT), verdicts.count(Verdict.USED)) == (1, 19)
