"""Over TLS, as in earnest: the server is known, and what drips is ended."""

import ssl
import time
from collections.abc import Iterator

import pytest
import trustme
from pydantic import SecretStr
from tesweb_yookassa.gateway import YooKassa
from tesweb_yookassa.settings import YooKassaSettings
from tesweb_yookassa.wire import Wire

from tests.plugins.yookassa.double import ORIGIN, SECRET, SHOP, Double, running
from tesweb.api import payments as p


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def double(authority: trustme.CA) -> Iterator[Double]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with running(Double(), context) as made:
        yield made


@pytest.fixture
def settings(double: Double) -> YooKassaSettings:
    return YooKassaSettings(
        shop_id=SHOP, secret_key=SecretStr(SECRET), api=double.api, origins=(ORIGIN,), patience=1
    )


@pytest.fixture
def trusting(settings: YooKassaSettings, authority: trustme.CA) -> YooKassa:
    """A machine on which the authority is known."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return YooKassa(settings, Wire(settings, context))


def test_a_server_that_is_known_is_spoken_to(trusting: YooKassa, order: p.Order) -> None:
    assert trusting.start(order).reference


def test_a_server_that_nobody_knows_hears_nothing(
    settings: YooKassaSettings, double: Double, order: p.Order
) -> None:
    with pytest.raises(p.Unclear):
        YooKassa(settings, Wire(settings)).start(order)
    assert double.asked == []


@pytest.mark.parametrize("fault", ["drip", "slow", "lost"])
def test_a_call_ends_with_its_time(
    trusting: YooKassa, double: Double, order: p.Order, fault: str
) -> None:
    double.faults = [fault]
    begun = time.monotonic()
    with pytest.raises(p.Unclear):
        trusting.start(order)
    assert time.monotonic() - begun < 3
    assert trusting.start(order).reference
