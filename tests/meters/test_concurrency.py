"""Several residents, tabs and processes at once: one wins, the others see it."""

import multiprocessing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from multiprocessing.queues import Queue

from flask import Flask

from tests.meters.house import LIMITS, House, count_receipts, findings
from tesweb.app import create_app
from tesweb.clock import FixedClock
from tesweb.config import Settings
from tesweb.current import Core, core
from tesweb.meters.services import (
    Accepted,
    ChangedMeanwhile,
    KeyTaken,
    NotAccepted,
    Submission,
    accept,
)
from tesweb.testing.factories import Factory


def attempt(app: Flask, house: House, submission: Submission) -> object:
    with app.app_context():
        try:
            return accept(submission, house.region, LIMITS)
        except NotAccepted as refused:
            return type(refused)


def test_the_same_key_thirty_two_times_at_once_is_one_receipt(app: Flask, house: House) -> None:
    submission = house.submission(1120)
    with ThreadPoolExecutor(32) as threads:
        jobs = [threads.submit(attempt, app, house, submission) for _ in range(32)]
    found = [job.result() for job in jobs]
    assert all(isinstance(each, Accepted) for each in found)
    assert Counter(each.is_replay for each in found if isinstance(each, Accepted)) == {
        False: 1,
        True: 31,
    }
    assert len(house.rows()) == 2
    assert count_receipts() == 1


def test_of_two_at_once_one_wins_and_the_other_sees_it(app: Flask, house: House) -> None:
    both = [house.submission(1100 + number, f"key{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        jobs = [threads.submit(attempt, app, house, each) for each in both]
    found = [job.result() for job in jobs]
    assert sum(isinstance(each, Accepted) for each in found) == 1
    assert found.count(ChangedMeanwhile) == 7
    assert len(house.rows()) == 2
    assert findings() == []


def test_one_key_at_two_accounts_at_once_is_taken_by_one(
    app: Flask, make: Factory, house: House
) -> None:
    houses = [house, *(House(make, house.region, "1000") for _ in range(5))]
    pairs = [(each, each.submission(1100)) for each in houses]
    with ThreadPoolExecutor(6) as threads:
        jobs = [threads.submit(attempt, app, each, submission) for each, submission in pairs]
    found = [job.result() for job in jobs]
    assert sum(isinstance(each, Accepted) for each in found) == 1
    assert found.count(KeyTaken) == 5


def send_from_a_process(
    settings: Settings, moment: datetime, submission: Submission, results: "Queue[object]"
) -> None:
    app = create_app(settings, clock=FixedClock(moment))
    with app.app_context():
        try:
            results.put(accept(submission, core().region("tyumen"), LIMITS).is_replay)
        except ChangedMeanwhile:
            results.put("changed")
    core_of(app).database.close()


def core_of(app: Flask) -> Core:
    with app.app_context():
        return core()


def test_of_two_processes_one_wins(settings: Settings, house: House) -> None:
    processes = multiprocessing.get_context("spawn")
    results = processes.Queue()
    moment = core().clock.now()
    both = [house.submission(1100 + number, f"key{number}") for number in range(2)]
    jobs = [
        processes.Process(target=send_from_a_process, args=(settings, moment, each, results))
        for each in both
    ]
    for job in jobs:
        job.start()
    found = [results.get(timeout=60) for _ in jobs]
    for job in jobs:
        job.join(60)
    assert sorted(map(str, found)) == ["False", "changed"]
    assert len(house.rows()) == 2
