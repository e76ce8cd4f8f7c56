"""Where somebody is signed in, and that ending it works at once."""

from collections.abc import Callable
from datetime import timedelta

from tests.profile.conftest import SignIn
from tesweb.clock import FixedClock
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

URL = "/profile/devices"
PHONE = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150 Mobile Safari/537.36"


def signed_in_on_a_phone(client: Client, user: MadeUser) -> None:
    values = {"login": user.login, "password": user.password}
    agent = SAME_ORIGIN | {"User-Agent": PHONE}
    at = {"REMOTE_ADDR": "203.0.113.77"}
    form = client.page("/login").form("/login").fields
    answer = client.post("/login", data=form | values, headers=agent, environ_overrides=at)
    assert answer.status_code == 303


def is_out(client: Client) -> bool:
    return bool(client.get("/profile").location == "/login?next=/profile")


def test_the_list_tells_them_apart(anna: MadeUser, sign_in: SignIn, stranger: Client) -> None:
    signed_in_on_a_phone(stranger, anna)
    page = sign_in(anna, "password").page(URL)
    assert "Chrome, Android" in page.text
    assert "203.0.113.*" in page.text
    assert "203.0.113.77" not in page.text
    assert page.text.count("это устройство") == 1


def test_one_is_ended_at_once(
    anna: MadeUser, sign_in: SignIn, stranger: Client, happened: Callable[[MadeUser], list[str]]
) -> None:
    signed_in_on_a_phone(stranger, anna)
    client = sign_in(anna, "password")
    assert client.submit(URL, f"{URL}/end", {}).status_code == 303
    assert is_out(stranger)
    assert not is_out(client)
    assert happened(anna)[-1] == "session_ended"


def test_all_others_are_ended(anna: MadeUser, sign_in: SignIn) -> None:
    others, client = [sign_in(anna), sign_in(anna)], sign_in(anna, "password")
    client.submit(URL, f"{URL}/others", {})
    assert [is_out(other) for other in others] == [True, True]
    assert not is_out(client)
    assert f"{URL}/others" not in [form.action for form in client.page(URL).forms]


def test_everywhere_means_here_too(anna: MadeUser, sign_in: SignIn) -> None:
    other, client = sign_in(anna), sign_in(anna, "password")
    answer = client.submit(URL, f"{URL}/all", {})
    assert answer.location == "/login"
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert is_out(other)
    assert is_out(client)


def test_nobody_ends_another_s_session(anna: MadeUser, make: Factory, sign_in: SignIn) -> None:
    sign_in(anna)
    hers = sign_in(anna, "password")
    mark = hers.page(URL).form(f"{URL}/end").fields["device"]
    boris = make.user()
    sign_in(boris)
    client = sign_in(boris, "password")
    client.submit(URL, f"{URL}/end", {"device": mark})
    assert len(hers.page(URL).forms) == len(client.page(URL).forms)


def test_sessions_that_have_idled_away_are_not_listed(
    anna: MadeUser, sign_in: SignIn, clock: FixedClock
) -> None:
    sign_in(anna)
    clock.moment += timedelta(days=14)
    page = sign_in(anna, "password").page(URL)
    assert "Завершить" not in page.text.replace("Завершите", "")


def test_a_device_keeps_its_day_when_the_password_is_confirmed(
    anna: MadeUser, sign_in: SignIn, clock: FixedClock
) -> None:
    client = sign_in(anna)
    clock.moment += timedelta(days=1)
    client.submit("/confirm", "/confirm", {"password": anna.password})
    assert "20 ноября 2026, 12:00" in client.page(URL).text
