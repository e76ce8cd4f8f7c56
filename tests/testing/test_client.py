"""The fixtures that authors of plugins get."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from tesweb.accounts.models import Account
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.meters.models import Reading, Register, Zone
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser
from tesweb.testing.fixtures import TestSettings
from tesweb.testing.pages import Page

HTML = """
<title> A  form </title><script>not words</script>
<p>1 234,56&nbsp;₽ and <b>more</b></p>
<form action="/go" method="POST">
<input name="plain" value="1"><input name="empty"><input type="hidden" name="key" value="k">
<input type="checkbox" name="unticked"><input type="checkbox" name="ticked" checked value="yes">
<input type="radio" name="one" value="a"><input type="radio" name="one" value="b" checked>
<input name="off" value="1" disabled>
<select name="chosen"><option value="x"><option value="y" selected></select>
<select name="first"><option value="x"><option value="y"></select>
<textarea name="long">some
text</textarea>
<button name="act" value="send">Send</button><input type="submit" name="act" value="save">
</form>
<form><input name="q"></form><a href="/there">There</a>
"""


def test_a_page_is_read_as_a_browser_would_send_it() -> None:
    page = Page(HTML)
    form = page.form("/go")
    assert page.title == "A  form"
    assert page.text == "1 234,56 ₽ and more some text Send There".replace("some text ", "")
    assert form.method == "post"
    assert form.fields == {
        "plain": "1",
        "empty": "",
        "key": "k",
        "ticked": "yes",
        "one": "b",
        "chosen": "y",
        "first": "x",
        "long": "some\ntext",
    }
    assert form.names - form.fields.keys() == {"unticked"}
    assert form.buttons == [("act", "send"), ("act", "save")]
    assert page.links == ["/there"]


def test_a_form_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(LookupError, match="/go"):
        Page(HTML).form("/gone")


def test_the_login_form_is_filled_in_and_sent(client: Client, make: Factory) -> None:
    user = make.user(login="anna", password="correct horse")
    answer = client.submit("/login", "/login", {"login": user.login, "password": user.password})
    assert answer.status_code == 303
    assert client.get("/").status_code == 200


def test_a_field_that_is_not_there_is_told(client: Client) -> None:
    with pytest.raises(LookupError, match="passwort"):
        client.submit("/login", "/login", {"passwort": "x"})


def test_sign_in_gives_each_user_a_browser_of_the_own(
    make: Factory, sign_in: Callable[[MadeUser], Client], client: Client
) -> None:
    anna, boris = make.user(name="Анна"), make.user(name="Борис")
    first = make.account(anna)
    one, two = sign_in(anna), sign_in(boris)
    assert one.get(f"/accounts/{first.id}/").status_code == 200
    assert two.get(f"/accounts/{first.id}/").status_code == 404
    assert client.get(f"/accounts/{first.id}/").status_code == 303


def test_the_factory_makes_what_a_resident_has(core: Core, make: Factory) -> None:
    account = make.account(make.user(), number="720400000001")
    old = make.meter(account, Zone.DAY, Zone.NIGHT, removed_on=date(2024, 5, 1))
    new = make.meter(account, digits=4, initial="12")
    make.reading(new, date(2026, 10, 1), "9993", "120")
    make.charge(account, date(2026, 10, 1), 50_000)
    make.payment(account, date(2026, 11, 5), 20_000)
    with core.database.read() as reader:
        registers = reader.execute(select(table_of(Register))).mappings().all()
        reading = reader.execute(select(table_of(Reading))).mappings().one()
        balance = reader.execute(select(table_of(Account).c.balance)).scalar_one()
    assert (old.meter_no, new.meter_no) == (1, 2)
    assert [(row["meter_no"], row["zone"], row["digits"]) for row in registers] == [
        (1, "day", 5),
        (1, "night", 5),
        (2, "single", 4),
    ]
    assert (str(reading["value"]), reading["receipt_id"]) == ("9993", None)
    assert balance == 30_000


def test_the_clock_is_moved_by_hand(clock: FixedClock, core: Core) -> None:
    clock.moment = clock.moment.replace(year=2030)
    assert core.clock.now().year == 2030


def test_the_testers_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESWEB_PORT", "1234")
    monkeypatch.setenv("TESWEB_DEBUG", "true")
    settings = TestSettings()
    assert (settings.port, settings.debug) == (8000, False)
