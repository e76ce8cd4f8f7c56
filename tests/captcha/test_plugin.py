"""A plugin may bring a captcha of its own; the setting says which are offered."""

from pathlib import Path
from typing import Any

import pytest

from tests.captcha.conftest import URL, Stranger, solved

PROJECT = """
[project]
name = "tesweb-sum"
version = "1"
[project.entry-points."tesweb.plugins"]
sum = "tesweb_sum"
"""
MODULE = """
from flask import Blueprint

from tesweb.api import hookimpl


class Sum:
    name, template, needs_script = "sum", "sum/field.html", False

    def challenge(self, form):
        return {"form": form}

    def check(self, form, answers):
        return answers.get("sum", "") == "4"


@hookimpl
def blueprints():
    return [Blueprint("sum", __name__, template_folder="templates")]


@hookimpl
def captcha():
    return [Sum()]
"""
FIELD = """<label for="sum">2 + 2, {{ challenge.form }}</label><input id="sum" name="sum">"""


@pytest.fixture
def offered() -> list[str]:
    return ["sum"]


@pytest.fixture
def overrides(tmp_path: Path, offered: list[str]) -> dict[str, Any]:
    package = tmp_path / "sum" / "tesweb_sum"
    (package / "templates" / "sum").mkdir(parents=True)
    (package.parent / "pyproject.toml").write_text(PROJECT, "utf-8")
    (package / "__init__.py").write_text(MODULE, "utf-8")
    (package / "templates" / "sum" / "field.html").write_text(FIELD, "utf-8")
    return {"plugins_folder": tmp_path, "captchas": offered}


def test_it_stands_in_the_form_and_is_asked(stranger: Stranger) -> None:
    text = stranger.client.get(URL).text
    assert "2 + 2, registration" in text
    assert "data-captcha" not in text
    assert stranger.send(sum="5").status_code == 422
    assert stranger.send(sum="4").status_code == 303


@pytest.mark.parametrize("offered", [["work", "sum"]])
def test_one_that_is_solved_is_enough(stranger: Stranger) -> None:
    assert "<noscript><label" in stranger.client.get(URL).text
    assert stranger.send(sum="4").status_code == 303
    assert stranger.send(altcha=solved(stranger.task())).status_code == 303
    assert stranger.send().status_code == 422


@pytest.mark.parametrize("offered", [["smu"]])
def test_a_name_of_nothing_lets_nobody_in(stranger: Stranger) -> None:
    assert stranger.send(sum="4").status_code == 422


@pytest.mark.parametrize("offered", [[]])
def test_none_is_asked_where_none_is_wanted(stranger: Stranger) -> None:
    assert stranger.send().status_code == 303
