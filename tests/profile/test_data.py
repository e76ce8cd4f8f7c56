"""A copy of everything that is held, consents, and the end of a cabinet."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from tests.profile.conftest import SignIn
from tesweb.accounts.models import Membership
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.factors.models import Passkey, RecoveryCode, Totp
from tesweb.identity.models import RateCount
from tesweb.meters.models import Receipt
from tesweb.registration.models import Consent
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

URL = "/profile/data"
DELETE = "/profile/data/delete"
GIVE = f"{URL}/consents/give"
#: The wording of the consent to personal data that is asked for.
WORDING = "2026-11-20"
Inbox = Callable[[str], list[tuple[str, dict[str, Any]]]]


def put(core: Core, model: type[Any], **values: object) -> None:
    with core.database.work() as work:
        work.execute(insert(table_of(model)).values(**values))


def left(core: Core, model: type[Any], user: MadeUser) -> int:
    table = table_of(model)
    with core.database.read() as reader:
        asked = select(func.count()).select_from(table).where(table.c.user_id == user.id)
        return int(reader.execute(asked).scalar_one())


@pytest.fixture
def full(make: Factory, core: Core) -> MadeUser:
    """Somebody about whom something of each kind is held."""
    user = make.user(
        "full", name="Анна *Петровна* #x", email="full@example.ru", phone="+79120000003"
    )
    account, now = make.account(user), core.clock.now()
    meter = make.meter(account)
    receipt = {"id": 77, "key": "k", "account_id": account.id, "user_id": user.id}
    put(core, Receipt, **receipt, accepted_at=now, period=date(2026, 11, 1))
    make.reading(meter, date(2026, 11, 1), "4321", receipt_id=77)
    other = make.account(make.user("boris"))
    make.reading(make.meter(other), date(2026, 11, 1), "9999")
    for purpose, version in (("personal_data", WORDING), ("messages", "2026-11-01")):
        put(core, Consent, user_id=user.id, purpose=purpose, given_at=now, version=version)
    put(
        core,
        Passkey,
        user_id=user.id,
        credential_id=b"credential",
        public_key=b"public key",
        sign_count=0,
        device_type="multi_device",
        is_backed_up=True,
        aaguid="",
        transports="",
        name="Телефон мамы",
        created_at=now,
    )
    put(core, Totp, user_id=user.id, secret=b"secret", counter=1, added_at=now)
    put(core, RecoveryCode, user_id=user.id, number=1, code_hash="$argon2id$hash")
    return user


def test_the_copy_holds_everything_and_no_secret(full: MadeUser, sign_in: SignIn) -> None:
    answer = sign_in(full, "password").submit(URL, f"{URL}/json", {})
    assert answer.mimetype == "application/json"
    told = json.loads(answer.data)
    assert told["person"][0]["email"] == "full@example.ru"
    assert told["accounts"][0]["role"] == "owner"
    assert [(row["receipt"], row["value"]) for row in told["readings"]] == [(77, "4321")]
    assert {row["purpose"] for row in told["consents"]} == {"personal_data", "messages"}
    assert told["passkeys"][0]["name"] == "Телефон мамы"
    assert len(told["devices"]) == len(told["app_codes"]) == len(told["recovery_codes"]) == 1
    for secret in ("argon2", "hash", "secret", "public_key", "credential"):
        assert secret not in answer.text
    assert "9999" not in answer.text


def test_the_file_s_name_is_both_plain_and_russian(full: MadeUser, sign_in: SignIn) -> None:
    told = sign_in(full, "password").submit(URL, f"{URL}/json", {}).headers["Content-Disposition"]
    assert told == (
        'attachment; filename="my-data-2026-11-20.json"; '
        "filename*=UTF-8''%D0%9C%D0%BE%D0%B8%20%D0%B4%D0%B0%D0%BD%D0%BD%D1%8B%D0%B5%20"
        "2026-11-20.json"
    )


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_copy_is_a_pdf_too(
    full: MadeUser, make: Factory, sign_in: SignIn, language: str
) -> None:
    for person in (full, make.user(language=language)):
        answer = sign_in(person, "password").submit(URL, f"{URL}/pdf", {})
        assert answer.mimetype == "application/pdf"
        assert answer.data.startswith(b"%PDF-")


def test_the_copy_is_told_and_written_down(
    full: MadeUser, sign_in: SignIn, inbox: Inbox, happened: Callable[[MadeUser], list[str]]
) -> None:
    sign_in(full, "password").submit(URL, f"{URL}/pdf", {})
    assert happened(full) == ["data_exported"]
    assert inbox("full@example.ru")[0][1]["what"] == "data_exported"


def test_one_copy_is_made_at_a_time(full: MadeUser, sign_in: SignIn, core: Core) -> None:
    client = sign_in(full, "password")
    expires = core.clock.now().replace(hour=23)
    put(core, RateCount, key=f"export {full.id}", count=1, expires_at=expires)
    answer = client.submit(URL, f"{URL}/json", {})
    assert answer.status_code == 429
    assert "уже готовится" in answer.text


def test_one_copy_after_another_is_made(full: MadeUser, sign_in: SignIn) -> None:
    client = sign_in(full, "password")
    answers = [client.submit(URL, f"{URL}/json", {}).status_code for _ in range(3)]
    assert answers == [200, 200, 200]


def test_a_consent_is_shown_and_withdrawn(
    full: MadeUser, sign_in: SignIn, happened: Callable[[MadeUser], list[str]]
) -> None:
    client = sign_in(full, "password")
    page = client.page(URL)
    for wording in ("редакция от 1 ноября 2026", "редакция от 20 ноября 2026"):
        assert wording in page.text
    assert page.text.count("Отозвать") == 2
    assert "Даю согласие" not in page.text
    assert client.submit(URL, f"{URL}/consents", {"purpose": "messages"}).status_code == 303
    page = client.page(URL)
    assert page.text.count("Отозвать") == 1
    assert "отозвано 20 ноября 2026" in page.text
    assert happened(full) == ["consent_withdrawn"]


def consents(core: Core, user: MadeUser) -> list[tuple[str, bool]]:
    """The wordings that somebody consented to, each with whether it is withdrawn."""
    table = table_of(Consent)
    asked = select(table).where(table.c.user_id == user.id).order_by(table.c.given_at)
    with core.database.read() as reader:
        return [(row.version, row.withdrawn_at is not None) for row in reader.execute(asked)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [(WORDING, False)]),
        ([(WORDING, True)], [(WORDING, True), (WORDING, False)]),
        ([("2026-10-01", False)], [("2026-10-01", False), (WORDING, False)]),
    ],
    ids=["never given", "withdrawn", "an older wording"],
)
def test_a_consent_is_given_in_the_cabinet_by_a_row_of_its_own(  # noqa: PLR0913 - before and after
    make: Factory,
    sign_in: SignIn,
    core: Core,
    happened: Callable[[MadeUser], list[str]],
    *,
    before: list[tuple[str, bool]],
    after: list[tuple[str, bool]],
) -> None:
    user, then = make.user(), core.clock.now() - timedelta(days=3)
    for version, is_withdrawn in before:
        end = then + timedelta(hours=1) if is_withdrawn else None
        row = {"purpose": "personal_data", "given_at": then, "version": version}
        put(core, Consent, user_id=user.id, **row, withdrawn_at=end)
    client = sign_in(user, "password")
    page = client.page(URL)
    assert page.text.count("Даю согласие") == 1
    assert "/consents/personal_data" in page.links
    assert client.submit(URL, GIVE, {}).location == f"{URL}?done=given"
    assert consents(core, user) == after
    page = client.page(URL)
    assert "Даю согласие" not in page.text
    assert page.text.count("Дано") == len(after)
    assert happened(user) == ["consent_given"]


def test_a_consent_that_is_given_is_not_given_twice(
    make: Factory, sign_in: SignIn, core: Core
) -> None:
    user = make.user()
    tabs = [sign_in(user, "password") for _ in range(4)]
    fields = [tab.page(URL).form(GIVE).fields for tab in tabs]
    with ThreadPoolExecutor(len(tabs)) as threads:
        sent = zip(tabs, fields, strict=True)
        answers = threads.map(lambda one: one[0].post(GIVE, data=one[1], headers=SAME_ORIGIN), sent)
    assert {answer.status_code for answer in answers} == {303}
    assert consents(core, user) == [(WORDING, False)]


@pytest.mark.parametrize(
    "values", [{"version": "2026-10-01"}, {"version": ""}, {"purpose": "messages"}]
)
def test_a_wording_that_is_not_asked_for_is_not_consented_to(
    make: Factory, sign_in: SignIn, core: Core, values: dict[str, str]
) -> None:
    user = make.user()
    client = sign_in(user, "password")
    answer = client.submit(URL, GIVE, values)
    assert answer.status_code == 422
    assert "Текст этого согласия обновился" in answer.text
    assert consents(core, user) == []


def test_without_the_consent_to_personal_data_there_is_no_cabinet(
    full: MadeUser, sign_in: SignIn
) -> None:
    client = sign_in(full, "password")
    answer = client.submit(URL, f"{URL}/consents", {"purpose": "personal_data"})
    assert answer.location == DELETE
    assert "отозвано" not in client.page(URL).text


def test_what_the_law_keeps_is_explained_before(full: MadeUser, sign_in: SignIn) -> None:
    text = sign_in(full, "password").page(DELETE).text
    for word in ("402-ФЗ", "пяти лет", "Журнал безопасности", "удалить"):
        assert word in text


@pytest.mark.parametrize("typed", ["", "да", "удалит"])
def test_another_word_deletes_nothing(
    full: MadeUser, sign_in: SignIn, stored: Callable[[MadeUser], Any], typed: str
) -> None:
    answer = sign_in(full, "password").submit(DELETE, DELETE, {"word": typed})
    assert answer.status_code == 422
    assert stored(full).deleted_at is None


@pytest.fixture
def gone(full: MadeUser, sign_in: SignIn) -> list[Client]:
    """Browsers of somebody whose cabinet is deleted."""
    other, client = sign_in(full), sign_in(full, "password")
    answer = client.submit(DELETE, DELETE, {"word": " Удалить "})
    assert (answer.status_code, answer.location) == (303, "/profile/deleted")
    assert "Кабинет удалён" in client.page("/profile/deleted").text
    return [other, client]


def test_nothing_opens_a_deleted_cabinet(
    full: MadeUser, gone: list[Client], stranger: Client
) -> None:
    for client in gone:
        assert client.get("/profile").location == "/login?next=/profile"
    for name in (full.login, "full@example.ru", f"deleted {full.id}"):
        values = {"login": name, "password": full.password}
        assert stranger.submit("/login", "/login", values).status_code == 422


def test_what_led_to_the_person_is_wiped(
    full: MadeUser,
    gone: list[Client],
    stored: Callable[[MadeUser], Any],
    core: Core,
) -> None:
    assert gone
    row = stored(full)
    assert row.deleted_at == core.clock.now()
    assert (row.email, row.phone, row.city, row.handle) == (None, None, None, None)
    assert full.login not in row.login
    assert "Анна" not in row.name
    assert [left(core, model, full) for model in (Passkey, Totp, RecoveryCode, Membership)] == [
        0
    ] * 4


def test_what_the_law_wants_is_kept(
    full: MadeUser,
    gone: list[Client],
    core: Core,
    inbox: Inbox,
    happened: Callable[[MadeUser], list[str]],
) -> None:
    assert gone
    assert left(core, Receipt, full) == 1
    assert left(core, Consent, full) == 2
    assert happened(full)[-1] == "deletion_asked"
    for address in ("full@example.ru", "+79120000003"):
        assert [kind for kind, _ in inbox(address)] == ["deleted"]


def test_a_freed_address_may_be_used_again(
    full: MadeUser, gone: list[Client], make: Factory
) -> None:
    assert gone
    assert make.user(full.login, email="full@example.ru", phone="+79120000003").id != full.id
