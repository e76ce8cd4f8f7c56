"""Who is not the owner neither comes back in nor keeps the owner out."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.recovery.conftest import Letters
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

ACCESS = "/recover/access?region=tyumen"
LINK = "/profile/accounts/link?region=tyumen"
CONFIRM = "/profile/accounts/link/confirm"


def templates(letters: Letters, name: str) -> int:
    return [one["template"] for one in letters()].count(name)


def ask(client: Client, login: str = "anna") -> int:
    return client.submit("/recover", "/recover", {"login": login}).status_code


def test_a_stranger_does_not_use_up_the_letters_of_the_owner_s_browser(
    client: Client, second: Client, anna: MadeUser, letters: Letters, clock: FixedClock
) -> None:
    values = {"login": "anna", "password": anna.password}
    assert client.submit("/login", "/login", values).status_code == 303
    client.submit("/", "/logout", {})
    for _ in range(20):
        ask(second)
        clock.moment += timedelta(minutes=31)
    assert templates(letters, "recovery") == 10
    assert ask(client) == 303
    assert templates(letters, "recovery") == 11


def test_letters_about_one_thing_leave_those_about_another(
    client: Client, anna: MadeUser, letters: Letters, sign_in: Callable[..., Client]
) -> None:
    for _ in range(4):
        ask(client)
    assert templates(letters, "recovery") == 3
    owner = sign_in(anna, "password")
    owner.submit("/profile/freeze", "/profile/freeze", {})
    unlock = "/locked/unlock"
    assert owner.submit(unlock, f"{unlock}/email/send", {}).status_code == 303
    assert templates(letters, "unfreeze") == 1


@pytest.fixture
def own(make: Factory, anna: MadeUser, clock: FixedClock) -> dict[str, str]:
    """What whoever sits at Anna's open cabinet knows of an account of their own."""
    make.account(anna)
    account = make.account(region="tyumen", bill_code="AAAA-1111")
    clock.moment += timedelta(days=8)
    make.meter(account, serial="777")
    return {"number": account.number, "bill_code": "AAAA-1111"}


def test_an_account_that_was_linked_lately_leads_nowhere(
    client: Client, second: Client, anna: MadeUser, own: dict[str, str], letters: Letters
) -> None:
    values = {"login": "anna", "password": anna.password}
    assert second.submit("/login", "/login", values).status_code == 303
    assert second.submit(LINK, LINK, own).location == CONFIRM
    assert second.submit(CONFIRM, CONFIRM, {}).status_code == 303
    asked = own | {"login": "anna", "meter": "777", "email": "thief@example.com"}
    assert client.submit(ACCESS, ACCESS, asked).location == "/recover/waiting"
    assert templates(letters, "access") == 0


def test_a_session_without_a_fresh_proof_links_nothing(
    second: Client, anna: MadeUser, own: dict[str, str], core: Core
) -> None:
    second.become(core, anna.id)
    token = second.page("/profile").form("/logout").fields["csrf_token"]
    answer = second.post(LINK, data=own | {"csrf_token": token}, headers=SAME_ORIGIN)
    assert (answer.location or "").startswith("/confirm")


def test_spellings_of_a_number_are_counted_together(
    client: Client, anna: MadeUser, make: Factory, clock: FixedClock, letters: Letters
) -> None:
    account = make.account(anna, region="tyumen", bill_code="7K3MPQ")
    make.meter(account, serial="555")
    clock.moment += timedelta(days=8)
    digits = "89123456789"
    for n in range(25):
        spelled = f"{digits[: 1 + n % 10]}{' ' * (1 + n // 10)}{digits[1 + n % 10 :]}"
        values = {"login": spelled, "number": account.number, "email": f"x{n}@example.com"}
        client.submit(ACCESS, ACCESS, values | {"bill_code": "7K3MPQ", "meter": "555"})
    texts = [one for one in letters() if one["recipient"] == "+79123456789"]
    assert 1 <= len(texts) <= 10
