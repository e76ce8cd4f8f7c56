"""A person's own accounts: name, order, taking out."""

import pytest

from tests.accounts.conftest import MINE, Enter, events, roles
from tesweb.accounts.models import Role
from tesweb.current import Core
from tesweb.testing.client import SAME_ORIGIN
from tesweb.testing.factories import Factory, MadeAccount


def nickname_of(account: MadeAccount) -> str:
    return f"{MINE}/{account.id}/nickname"


def test_a_name_is_shown_wherever_the_account_is(make: Factory, enter: Enter) -> None:
    user, other = make.user(), make.user()
    account = make.account(user, other)
    second = make.account(user)
    client = enter(user)
    done = client.submit(MINE, nickname_of(account), {"nickname": "  Огород \u202e\t у   мамы "})
    assert done.location == f"{MINE}?done=named"
    for url in (MINE, f"/accounts/{account.id}/", f"/accounts/{second.id}/"):
        assert "Огород у мамы" in client.page(url).text
    assert "Огород" not in enter(other).page(MINE).text
    client.submit(MINE, nickname_of(account), {"nickname": ""})
    assert "Огород" not in client.page(MINE).text


def test_a_name_is_text_and_nothing_else(make: Factory, enter: Enter) -> None:
    user = make.user()
    account, _ = make.account(user), make.account(user)
    client, evil = enter(user), "<script>alert(1)</script>{{7*7}}\"'><b"
    client.submit(MINE, nickname_of(account), {"nickname": evil})
    for url in (MINE, f"/accounts/{account.id}/", "/readings/"):
        html = client.get(url).text
        assert "<script>alert" not in html
        assert "'><b" not in html
    assert evil in client.page(MINE).text


def test_a_name_too_long_is_told_beside_its_field(make: Factory, enter: Enter) -> None:
    user = make.user()
    account = make.account(user)
    answer = enter(user).submit(MINE, nickname_of(account), {"nickname": "я" * 65})
    assert answer.status_code == 422
    assert f"nickname-{account.id}-error" in answer.text
    assert "не длиннее 64" in answer.text


def test_the_order_is_the_persons_own(make: Factory, enter: Enter) -> None:
    user = make.user()
    accounts = [make.account(user, address=f"г. Тюмень, дом {letter}") for letter in "АБВ"]
    client = enter(user)

    def move(account: MadeAccount, to: str) -> str:
        answer = client.submit(MINE, f"{MINE}/{account.id}/move", {"to": to})
        assert answer.status_code == 303
        text = client.page(MINE).text
        text = text[text.index("Мои лицевые счета") :]
        return "".join(sorted("АБВ", key=lambda letter: text.index(f"дом {letter}")))

    assert move(accounts[2], "up") == "АВБ"
    assert move(accounts[2], "up") == "ВАБ"
    assert move(accounts[0], "down") == "ВБА"
    assert "дом В" in client.page("/").text
    wrong = f"{MINE}/{accounts[0].id}/move"
    token = client.page(MINE).form(wrong).fields["csrf_token"]
    sent = {"to": "sideways", "csrf_token": token}
    assert client.post(wrong, data=sent, headers=SAME_ORIGIN).status_code == 400


@pytest.mark.parametrize("act", ["nickname", "move", "unlink"])
def test_an_account_of_others_is_not_there(make: Factory, enter: Enter, act: str) -> None:
    account = make.account(make.user())
    user = make.user()
    make.account(user)
    client = enter(user)
    token = client.page(MINE).form(nickname_of_first(client.page(MINE).links)).fields["csrf_token"]
    sent = {"csrf_token": token, "nickname": "моё", "to": "up"}
    url = f"{MINE}/{account.id}/{act}"
    assert client.post(url, data=sent, headers=SAME_ORIGIN).status_code == 404


def nickname_of_first(links: list[str]) -> str:
    """The address of the form with the first account's name."""
    (number,) = {link.split("/")[3] for link in links if link.endswith("/unlink")}
    return f"{MINE}/{number}/nickname"


def test_taking_out_needs_a_fresh_proof(make: Factory, sign_in: Enter) -> None:
    user = make.user()
    account = make.account(user)
    answer = sign_in(user).get(f"{MINE}/{account.id}/unlink")
    assert answer.location.startswith("/confirm")


def test_who_takes_it_out_does_not_see_it_any_more_and_owners_are_told(
    core: Core, make: Factory, enter: Enter
) -> None:
    owner, payer = make.user(), make.user(name="Борис Петров")
    account = make.account(owner)
    make.link(payer, account.id, Role.PAYER)
    client, url = enter(payer), f"{MINE}/{account.id}/unlink"
    assert "единственный владелец" not in client.page(url).text
    assert client.submit(url, url, {}).location == f"{MINE}?done=unlinked"
    assert client.get(f"/accounts/{account.id}/").status_code == 404
    assert roles(core, account) == {owner.id: "owner"}
    assert [what for what, _ in events(core, payer)] == ["account_unlinked"]
    assert [(what, detail["member"]) for what, detail in events(core, owner)] == [
        ("member_removed", "Борис П.")
    ]


def test_the_last_owner_leaves_nobody_behind_and_is_told_so_before(
    core: Core, make: Factory, enter: Enter
) -> None:
    owner, payer = make.user(), make.user()
    account = make.account(owner)
    make.link(payer, account.id, Role.PAYER)
    client, url = enter(owner), f"{MINE}/{account.id}/unlink"
    assert "его потеряет ещё 1 человек" in client.page(url).text
    client.submit(url, url, {})
    assert roles(core, account) == {}
    assert [what for what, _ in events(core, payer)] == ["member_removed"]
    assert enter(payer).get(f"/accounts/{account.id}/").status_code == 404


def test_one_of_two_owners_leaves_the_other_in_charge(
    core: Core, make: Factory, enter: Enter
) -> None:
    first, second = make.user(), make.user()
    account = make.account(first, second)
    url = f"{MINE}/{account.id}/unlink"
    enter(first).submit(url, url, {})
    assert roles(core, account) == {second.id: "owner"}
