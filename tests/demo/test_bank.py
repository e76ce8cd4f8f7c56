"""A demo pays at its own bank and nowhere else."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr

from tesweb.config import Settings, load
from tesweb.demo.bank import Bank, paid_at
from tesweb.serve import hand_over

KEY = "test_key-of-the-sandbox"


@pytest.fixture
def bank() -> Bank:
    address = "http://127.0.0.1:8010"
    nobody = cast("Any", None)
    return Bank(address, f"{address}/v3", "100500", KEY, nobody, Path("bank.log"))


def settings(**values: Any) -> Settings:  # noqa: ANN401 - any setting
    return load(secret_key=SecretStr("s" * 64), **values)


def test_the_gateway_pays_at_the_demos_bank(bank: Bank) -> None:
    given = {"yookassa": {"shop_id": "7", "secret_key": "live_x", "fee": "1"}, "readings": {}}
    section = paid_at(bank, settings(plugins=given)).plugins["yookassa"]
    assert section == {
        "shop_id": "100500",
        "secret_key": KEY,
        "api": "http://127.0.0.1:8010/v3",
        "origins": ["http://127.0.0.1:8010"],
        "networks": ["127.0.0.0/8"],
        "fee": "1",
    }


def test_without_bank_or_gateway_nothing_changes(bank: Bank) -> None:
    chosen = settings()
    assert paid_at(None, chosen) is chosen
    without = settings(plugins_off=["yookassa"])
    assert paid_at(bank, without) is without


def test_the_workers_pay_there_too_though_the_environment_names_a_shop(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tesweb.toml").write_text(
        '[plugins.yookassa]\napi = "https://x"\n[plugins.exolve]\nkey = "1"'
    )
    monkeypatch.setenv("TESWEB_PLUGINS__YOOKASSA__SECRET_KEY", "live_x")
    monkeypatch.setenv("tesweb_plugins__yookassa__api", "https://api.yookassa.ru/v3")
    # What is handed over has to be gone after the test.
    monkeypatch.setenv("TESWEB_PLUGINS", "{}")
    monkeypatch.setenv("TESWEB_SECRET_KEY", "s" * 64)
    chosen = paid_at(bank, settings())
    hand_over(chosen)
    found = load()
    assert found.plugins == chosen.plugins
    assert found.plugins["yookassa"]["secret_key"] == KEY
    assert found.plugins["yookassa"]["api"] == "http://127.0.0.1:8010/v3"
    assert json.dumps(found.plugins).count("live_x") == 0
