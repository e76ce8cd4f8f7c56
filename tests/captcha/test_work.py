"""Proof of work: done once, for one form, in one browser, in time."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests.captcha.conftest import Stranger, digits_of, mark_of, packed, solved
from tesweb.captcha.providers import WorkCaptcha
from tesweb.clock import FixedClock
from tesweb.current import Core


def test_who_has_done_the_work_goes_on(stranger: Stranger) -> None:
    assert stranger.send(altcha=solved(stranger.task())).status_code == 303


def test_work_counts_once(stranger: Stranger) -> None:
    work = solved(stranger.task())
    assert stranger.send(altcha=work).status_code == 303
    again = stranger.send(altcha=work)
    assert again.status_code == 422
    assert "не программа" in again.text


def test_after_ten_minutes_it_is_too_late(stranger: Stranger, clock: FixedClock) -> None:
    early, late = solved(stranger.task()), solved(stranger.task())
    start = clock.moment
    clock.moment = start + timedelta(minutes=9, seconds=59)
    assert stranger.send(altcha=early).status_code == 303
    clock.moment = start + timedelta(minutes=10)
    assert stranger.send(altcha=late).status_code == 422


def test_another_browser_s_work_is_not_taken(
    stranger: Stranger, another: Callable[[], Stranger]
) -> None:
    work = solved(stranger.task())
    assert another().send(altcha=work).status_code == 422
    assert stranger.send(altcha=work).status_code == 303


def test_an_easier_task_is_not_ours(stranger: Stranger) -> None:
    task = stranger.task()
    for change in ({"keyPrefix": ""}, {"keyPrefix": "0", "cost": 1}):
        easier = task | {"parameters": task["parameters"] | change}
        assert stranger.send(altcha=solved(easier)).status_code == 422
    unsigned = {"parameters": task["parameters"] | {"cost": 1, "keyPrefix": ""}}
    assert stranger.send(altcha=solved(unsigned)).status_code == 422


@pytest.mark.parametrize(
    "solution",
    [
        {"counter": 0, "derivedKey": "00" * 32},
        {"counter": 0, "derivedKey": ""},
        {"counter": -1, "derivedKey": None},
        {"counter": 10**30, "derivedKey": "00"},
        {},
        [],
    ],
)
def test_no_work_is_no_work(stranger: Stranger, solution: dict[str, object]) -> None:
    assert stranger.send(altcha=packed(stranger.task(), solution)).status_code == 422


@pytest.mark.parametrize("text", ["", "x", "e30=", "AAAA", "0" * 5000, "bnVsbA==", "ключ"])
def test_rubbish_is_refused(stranger: Stranger, text: str) -> None:
    assert stranger.send(altcha=text).status_code == 422


def test_another_form_s_work_is_not_taken(app: Flask, stranger: Stranger) -> None:
    stranger.task()
    sid = stranger.client.get_cookie("__Host-sid")
    assert sid is not None
    with app.test_request_context(headers={"Cookie": f"__Host-sid={sid.value}"}):
        foreign = solved(_task("recovery"))
        own = solved(_task("registration"))
    assert stranger.send(altcha=foreign).status_code == 422
    assert stranger.send(altcha=own).status_code == 303


def _task(form: str) -> dict[str, object]:
    return dict(json.loads(WorkCaptcha().challenge(form)["task"]))


def test_a_crowd_works_harder(stranger: Stranger, core: Core) -> None:
    before = _most(stranger)
    for _ in range(20):
        mark = mark_of(stranger)
        digits = digits_of(stranger, core, mark)
        stranger.send(captcha_mark=mark, captcha_digits=digits)
    assert _most(stranger) == 2 * before


def _most(stranger: Stranger) -> int:
    return int(stranger.client.get("/register/email").text.split('data-most="')[1].split('"')[0])
