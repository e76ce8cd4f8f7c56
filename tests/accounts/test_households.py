"""A household: invitations, roles, the end of access."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from tests.accounts.conftest import MASKED, MINE, Enter, events, letters, roles
from tesweb.accounts.households import accept
from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.identity.challenges import Spent
from tesweb.messages.texts import compose
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser


@dataclass(frozen=True, slots=True)
class Home:
    """An account with one member of each role."""

    core: Core
    enter: Enter
    account: MadeAccount
    owner: MadeUser
    payer: MadeUser
    reader: MadeUser

    @property
    def people(self) -> str:
        return f"/accounts/{self.account.id}/people"


@pytest.fixture
def home(core: Core, enter: Enter, make: Factory, account: MadeAccount) -> Home:
    owner = make.user(name="Анна Петровна Иванова", email="anna@example.ru")
    payer, reader = make.user(name="Борис Петров"), make.user(name="Вера Сидорова")
    for user, role in ((owner, Role.OWNER), (payer, Role.PAYER), (reader, Role.READER)):
        make.link(user, account.id, role)
    return Home(core, enter, account, owner, payer, reader)


Invite = Callable[..., str]


@pytest.fixture
def invite(home: Home) -> Invite:
    """Invites somebody and gives the link of the message."""

    def send(contact: str = "gost@example.ru", role: str = "payer") -> str:
        url = f"{home.people}/invite"
        answer = home.enter(home.owner).submit(url, url, {"contact": contact, "role": role})
        assert answer.location == f"{home.people}?done=invited"
        return letters(home.core, "invitation")[-1][1]["path"]

    return send


def take(client: Client, link: str) -> str:
    """Press the button of an invitation and say where it leads."""
    return client.submit(link, "/invitation", {}).location


def test_an_owner_sees_who_has_access_and_as_what(home: Home) -> None:
    page = home.enter(home.owner).page(home.people).text
    for words in (
        "Анна Петровна Иванова",
        "Борис Петров",
        "видит всё, передаёт показания и платит",
        "Наблюдатель",
    ):
        assert words in page
    for member in (home.payer, home.reader):
        assert home.enter(member).get(home.people).status_code == 403


@pytest.mark.parametrize(
    ("typed", "to"),
    [(" Gost@Example.RU ", "gost@example.ru"), ("8 (912) 345-67-89", "+79123456789")],
)
def test_an_invitation_goes_to_an_address_or_a_number(
    app: Flask, home: Home, invite: Invite, typed: str, to: str
) -> None:
    invite(typed)
    ((recipient, values),) = letters(home.core, "invitation")
    assert recipient == to
    with app.app_context():
        told = compose("invitation", "sms" if to.startswith("+") else "email", "ru", values).body
    assert "Анна И." in told
    assert f"{values['path']}" in told
    assert values["name"] == "Анна И."
    assert values["address"].replace("\u00a0", " ") == MASKED
    page = home.enter(home.owner).page(home.people).text
    assert "Приглашение: " in page
    assert to not in page
    ((what, detail),) = events(home.core, home.owner)
    assert what == "member_invited"
    assert to not in str(detail)


def test_who_is_invited_looks_first_and_the_button_gives_the_role(
    make: Factory, home: Home, invite: Invite
) -> None:
    link, guest = invite(role="reader"), make.user(name="Глеб Гостев")
    client = home.enter(guest)
    page = client.page(link).text
    assert "Вас приглашает Анна И." in page
    assert MASKED in page
    assert guest.id not in roles(home.core, home.account)
    assert take(client, link) == f"/accounts/{home.account.id}/"
    assert roles(home.core, home.account)[guest.id] == "reader"
    for member in (home.owner, home.payer, home.reader):
        what, detail = events(home.core, member)[-1]
        assert (what, detail["member"], detail["role"]) == ("member_joined", "Глеб Г.", "reader")


def test_a_stranger_signs_in_first_and_comes_back(
    home: Home, invite: Invite, client: Client, make: Factory
) -> None:
    link, guest = invite(), make.user()
    page = client.page(link)
    assert MASKED in page.text
    assert "form" not in [form.action for form in page.forms if form.action == "/invitation"]
    (login,) = [to for to in page.links if to.startswith("/login?")]
    values = {"login": guest.login, "password": guest.password}
    back = client.submit(login, "/login", values).location
    assert back == link
    assert take(client, back) == f"/accounts/{home.account.id}/"


def test_an_invitation_works_once(make: Factory, home: Home, invite: Invite) -> None:
    link, second = invite(), make.user()
    late = home.enter(second)
    form = late.page(link).form("/invitation").fields
    take(home.enter(make.user()), link)
    assert late.post("/invitation", data=form, headers=SAME_ORIGIN).status_code == 410
    assert late.get(link).status_code == 410
    assert second.id not in roles(home.core, home.account)


def test_two_who_press_at_the_same_moment_are_one_member(
    app: Flask, make: Factory, home: Home, invite: Invite
) -> None:
    key = invite().partition("=")[2]

    def go(user: MadeUser) -> bool:
        try:
            with app.app_context(), home.core.database.work() as work:
                return bool(accept(work, user.id, key))
        except Spent:
            return False

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(go, [make.user() for _ in range(4)]))
    assert sorted(taken) == [False, False, False, True]
    assert len(roles(home.core, home.account)) == 4


def test_an_invitation_works_for_seven_days(
    invite: Invite, make: Factory, clock: FixedClock, home: Home
) -> None:
    link, guest = invite(), make.user()
    clock.moment += timedelta(days=7)
    client = home.enter(guest)
    assert client.get(link).status_code == 410
    token = client.page(MINE).form("/logout").fields["csrf_token"]
    sent = {"csrf_token": token, "key": link.partition("=")[2]}
    assert client.post("/invitation", data=sent, headers=SAME_ORIGIN).status_code == 410
    assert guest.id not in roles(home.core, home.account)


def test_an_invitation_taken_back_opens_nothing(make: Factory, home: Home, invite: Invite) -> None:
    link, client = invite(), home.enter(home.owner)
    (form,) = [form for form in client.page(home.people).forms if form.action.endswith("/revoke")]
    assert client.submit(home.people, form.action, {}).location == f"{home.people}?done=revoked"
    assert home.enter(make.user()).get(link).status_code == 410
    again = client.post(form.action, data=form.fields, headers=SAME_ORIGIN)
    assert again.status_code == 404


def test_an_invitation_of_another_account_cannot_be_taken_back(
    make: Factory, home: Home, invite: Invite
) -> None:
    link, stranger = invite(), make.user()
    other = make.account(stranger)
    (form,) = [
        form
        for form in home.enter(home.owner).page(home.people).forms
        if form.action.endswith("revoke")
    ]
    client = home.enter(stranger)
    token = client.page(MINE).form("/logout").fields["csrf_token"]
    url = form.action.replace(f"/{home.account.id}/", f"/{other.id}/", 1)
    answer = client.post(url, data={"csrf_token": token}, headers=SAME_ORIGIN)
    assert answer.status_code == 404
    assert home.enter(make.user()).get(link).status_code == 200


_FATES = {
    "left": "DELETE FROM memberships WHERE user_id = :id",
    "locked": "UPDATE users SET frozen_at = created_at WHERE id = :id",
}


@pytest.mark.parametrize("fate", _FATES)
def test_who_may_not_invite_any_more_has_invited_nobody(
    make: Factory, home: Home, invite: Invite, fate: str
) -> None:
    make.link(make.user(), home.account.id, Role.OWNER)
    link, client = invite(role="owner"), home.enter(make.user())
    form = client.page(link).form("/invitation").fields
    with home.core.database.work() as work:
        work.execute(text(_FATES[fate]), {"id": home.owner.id})
    before = roles(home.core, home.account)
    assert client.post("/invitation", data=form, headers=SAME_ORIGIN).status_code == 410
    assert roles(home.core, home.account) == before


def test_a_role_cannot_be_had_by_posting_it(make: Factory, home: Home, invite: Invite) -> None:
    link, guest = invite(role="reader"), make.user()
    client = home.enter(guest)
    form = client.page(link).form("/invitation").fields
    more = {"role": "owner", "account_id": "1", "user_id": str(home.owner.id)}
    client.post("/invitation", data=form | more, headers=SAME_ORIGIN)
    assert roles(home.core, home.account)[guest.id] == "reader"


def test_a_member_who_opens_an_invitation_keeps_the_role(home: Home, invite: Invite) -> None:
    link, client = invite(role="owner"), home.enter(home.payer)
    assert "уже есть в вашем кабинете" in client.page(link).text
    token = client.page(MINE).form("/logout").fields["csrf_token"]
    sent = {"csrf_token": token, "key": link.partition("=")[2]}
    client.post("/invitation", data=sent, headers=SAME_ORIGIN)
    assert roles(home.core, home.account)[home.payer.id] == "payer"


@pytest.mark.parametrize("path", ["invite", "{payer}/role", "{reader}/remove", "{payer}/remove"])
@pytest.mark.parametrize("who", ["payer", "reader", "stranger"])
def test_only_an_owner_changes_anything(make: Factory, home: Home, path: str, who: str) -> None:
    user = make.user() if who == "stranger" else getattr(home, who)
    client, before = home.enter(user), roles(home.core, home.account)
    token = client.page(MINE).form("/logout").fields["csrf_token"]
    url = f"{home.people}/{path}".format(payer=home.payer.id, reader=home.reader.id)
    sent = {"csrf_token": token, "role": "owner", "contact": "a@example.ru"}
    answer = client.post(url, data=sent, headers=SAME_ORIGIN)
    assert answer.status_code == (404 if who == "stranger" else 403)
    assert roles(home.core, home.account) == before
    assert letters(home.core, "invitation") == []


def test_an_owner_changes_a_role_and_both_are_told(home: Home) -> None:
    client, person = home.enter(home.owner), f"{home.people}/{home.reader.id}"
    done = client.submit(person, f"{person}/role", {"role": "payer"})
    assert done.location == f"{home.people}?done=changed"
    assert roles(home.core, home.account)[home.reader.id] == "payer"
    for user in (home.owner, home.reader):
        assert [what for what, _ in events(home.core, user)] == ["role_changed"]


def test_no_role_of_that_name(home: Home) -> None:
    client, person = home.enter(home.owner), f"{home.people}/{home.reader.id}"
    answer = client.submit(person, f"{person}/role", {"role": "king"})
    assert answer.status_code == 422
    assert "Выберите, что сможет этот человек." in answer.text
    assert roles(home.core, home.account)[home.reader.id] == "reader"


def test_whose_access_is_ended_sees_nothing_on_the_next_click(home: Home) -> None:
    reader, client = home.enter(home.reader), home.enter(home.owner)
    assert reader.get(f"/accounts/{home.account.id}/").status_code == 200
    person = f"{home.people}/{home.reader.id}"
    done = client.submit(person, f"{person}/remove", {})
    assert done.location == f"{home.people}?done=removed"
    assert reader.get(f"/accounts/{home.account.id}/").status_code == 404
    assert reader.get(f"/readings/{home.account.id}/").status_code == 404
    assert [what for what, _ in events(home.core, home.reader)] == ["member_removed"]
    assert events(home.core, home.owner)[0][1]["member"] == "Вера С."


def test_owners_and_people_of_elsewhere_cannot_be_changed(make: Factory, home: Home) -> None:
    other, stranger = make.user(), make.user()
    make.link(other, home.account.id, Role.OWNER)
    elsewhere = make.account(stranger, role=Role.READER)
    client = home.enter(home.owner)
    token = client.page(MINE).form("/logout").fields["csrf_token"]
    sent = {"csrf_token": token, "role": "payer"}
    for user in (home.owner, other, stranger):
        assert client.get(f"{home.people}/{user.id}").status_code == 404
        for act in ("role", "remove"):
            url = f"{home.people}/{user.id}/{act}"
            assert client.post(url, data=sent, headers=SAME_ORIGIN).status_code == 404
    assert roles(home.core, home.account)[other.id] == "owner"
    assert roles(home.core, elsewhere) == {stranger.id: "reader"}


@pytest.mark.parametrize("path", ["/invite", "/{reader}"])
def test_giving_rights_needs_a_fresh_proof(home: Home, sign_in: Enter, path: str) -> None:
    answer = sign_in(home.owner).get(home.people + path.format(reader=home.reader.id))
    assert answer.location.startswith("/confirm")


@pytest.mark.parametrize("contact", ["", "anna", "anna@example", "+1 212 555 0100", "a" * 101])
def test_what_is_no_address_is_told(home: Home, contact: str) -> None:
    url = f"{home.people}/invite"
    answer = home.enter(home.owner).submit(url, url, {"contact": contact, "role": "payer"})
    assert answer.status_code == 422
    assert "contact-error" in answer.text
    assert letters(home.core, "invitation") == []


def test_invitations_are_no_way_to_flood_somebody(home: Home, invite: Invite) -> None:
    for _ in range(3):
        invite("8 912 345-67-89")
    url = f"{home.people}/invite"
    sent = {"contact": "+79123456789", "role": "payer"}
    answer = home.enter(home.owner).submit(url, url, sent)
    assert answer.status_code == 429
    assert "слишком много сообщений" in answer.text
    for number in range(6):
        invite(f"gost{number}@example.ru")
    many = {"contact": "gost99@example.ru", "role": "payer"}
    assert home.enter(home.owner).submit(url, url, many).status_code == 429
    assert len(letters(home.core, "invitation")) == 9
