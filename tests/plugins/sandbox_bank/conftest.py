"""A bank, its shop and a payer."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from yookassa import Configuration

from tests.plugins.sandbox_bank import support
from tests.plugins.sandbox_bank.support import SECRET, SHOP, Payer, Running, Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with support.shop() as started:
        yield started


@pytest.fixture
def bank(tmp_path: Path, shop: Shop) -> Iterator[Running]:
    with support.running(tmp_path / "bank", shop.address) as started:
        yield started


@pytest.fixture
def payer(bank: Running) -> Iterator[Payer]:
    with httpx.Client(base_url=bank.address, timeout=20, verify=support.TLS) as client:
        yield Payer(client)


@pytest.fixture
def sdk(bank: Running) -> None:
    """The official library speaks to this bank."""
    Configuration.configure(SHOP, SECRET, api_url=bank.api)
