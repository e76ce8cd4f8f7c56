"""Passkeys with Chromium's own virtual authenticator; an app's codes and codes on paper."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from e2e.support.browser import SCREENS, Watch
from e2e.support.pages import check_axe, check_fits, screenshot, sign_in
from e2e.support.server import DemoUser, Server

SCRIPTED = [screen for screen in SCREENS if screen.scripts]
PLAIN = [screen for screen in SCREENS if not screen.scripts]
with_scripts = pytest.mark.parametrize("screen", SCRIPTED, indirect=True, ids=str)
without_scripts = pytest.mark.parametrize("screen", PLAIN, indirect=True, ids=str)


class Device:
    """The fingerprint reader of the machine that the browser runs on."""

    def __init__(self, page: Page) -> None:
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            "defaultBackupEligibility": True,
            "defaultBackupState": True,
        }
        made = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = made["authenticatorId"]

    def passkeys(self) -> list[dict[str, Any]]:
        found = self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return list(found["credentials"])

    def answers(self, *, by_itself: bool) -> None:
        """Whether somebody holds a finger on it all the time."""
        asked = {"authenticatorId": self._id, "enabled": by_itself}
        self._cdp.send("WebAuthn.setAutomaticPresenceSimulation", asked)

    def forget(self) -> None:
        self._cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self._id})


@pytest.fixture
def device(page: Page) -> Device:
    return Device(page)


@pytest.fixture
def user(server: Server) -> DemoUser:
    return server.users[0]


def look(page: Page, name: str) -> None:
    check_fits(page)
    check_axe(page)
    screenshot(page, name)


def prove(page: Page, user: DemoUser) -> None:
    """Type the password once more where it is asked for."""
    if "/confirm" in page.url:
        page.get_by_label("Пароль", exact=True).fill(user.password)
        page.get_by_role("button", name="Продолжить").click()


def make_passkey(page: Page, user: DemoUser) -> None:
    sign_in(page, user)
    page.goto("/profile/passkeys")
    prove(page, user)
    page.get_by_role("button", name="Создать ключ доступа").click()
    expect(page.get_by_role("heading", name="Ключ доступа подключён")).to_be_visible()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def shift_of(server: Server) -> timedelta:
    """How far the demo's clock is from ours; call it just after somebody has signed in."""
    with closing(sqlite3.connect(server.folder / "tesweb.db")) as kept:
        (moment,) = kept.execute("SELECT max(created_at) FROM sessions").fetchone()
    return datetime.fromisoformat(moment).replace(tzinfo=UTC) - datetime.now(UTC)


@with_scripts
def test_a_passkey_is_made_signs_in_by_itself_and_is_revoked(
    page: Page, user: DemoUser, device: Device, watch: Watch, picture: str
) -> None:
    watch.allow(400)
    sign_in(page, user)
    page.goto("/")
    expect(page.get_by_role("heading", name="Вход без пароля")).to_be_visible()
    look(page, f"{picture}-offer")
    page.goto("/profile/passkeys")
    prove(page, user)
    look(page, f"{picture}-none")
    page.get_by_role("button", name="Создать ключ доступа").click()
    expect(page.get_by_role("heading", name="Ключ доступа подключён")).to_be_visible()
    look(page, f"{picture}-one")
    assert len(device.passkeys()) == 1
    sign_out(page)
    page.goto("/login")  # the browser offers it among the logins that it fills in
    expect(page).not_to_have_url(re.compile("/login"))
    page.goto("/profile/passkeys")
    expect(page.get_by_text("последний вход")).to_be_visible()
    page.locator("main .list a").click()
    look(page, f"{picture}-own")
    page.get_by_label("Название").fill("Мой телефон")
    page.get_by_role("button", name="Сохранить название").click()
    expect(page.get_by_text("Мой телефон")).to_be_visible()
    page.locator("main .list a").click()
    page.get_by_role("button", name="Отозвать ключ доступа").click()
    expect(page.get_by_text("больше не открывает")).to_be_visible()
    page.wait_for_timeout(1000)
    assert device.passkeys() == [], "the browser was told to forget it"


@with_scripts
def test_the_button_signs_in_and_confirms(
    page: Page, user: DemoUser, device: Device, picture: str
) -> None:
    make_passkey(page, user)
    sign_out(page)
    device.answers(by_itself=False)
    page.goto("/login")
    button = page.get_by_role("button", name="Войти ключом доступа")
    expect(button).to_be_visible()
    look(page, f"{picture}-login")
    device.answers(by_itself=True)
    button.click()
    expect(page).not_to_have_url(re.compile("/login"))
    page.goto("/confirm?next=/more")
    look(page, f"{picture}-confirm")
    page.get_by_role("button", name="Подтвердить ключом доступа").click()
    expect(page).to_have_url(re.compile("/more$"))


@with_scripts
def test_without_a_passkey_the_page_says_what_to_do(
    page: Page, user: DemoUser, device: Device, watch: Watch
) -> None:
    watch.allow(400)
    make_passkey(page, user)
    page.locator("main .list a").click()
    page.get_by_role("button", name="Отозвать ключ доступа").click()
    sign_out(page)
    device.answers(by_itself=False)
    page.goto("/login")
    button = page.get_by_role("button", name="Войти ключом доступа")
    device.answers(by_itself=True)
    button.click()
    expect(page.locator("[data-passkey] [role=status]")).not_to_be_empty()
    assert urlsplit(page.url).path == "/login"
    check_axe(page)


@with_scripts
def test_a_russian_layout_is_hinted_at_and_nothing_is_changed(page: Page) -> None:
    page.goto("/login")
    login = page.get_by_label("Логин, почта или телефон")
    hint = page.locator("[data-layout=login]")
    login.press_sequentially("фттф")
    expect(hint).to_have_text("Похоже, включена русская раскладка")
    expect(login).to_have_value("фттф")
    check_axe(page)
    login.fill("anna")
    expect(hint).to_be_empty()


@without_scripts
def test_without_scripts_no_button_promises_a_passkey(page: Page, user: DemoUser) -> None:
    page.goto("/login")
    expect(page.get_by_role("button", name="Войти ключом доступа")).to_be_hidden()
    sign_in(page, user)
    page.goto("/profile/passkeys")
    prove(page, user)
    expect(page.get_by_text("В этом браузере ключ доступа не создать")).to_be_visible()
    check_axe(page)


def test_an_app_and_codes_on_paper(
    page: Page, user: DemoUser, watch: Watch, server: Server, picture: str
) -> None:
    watch.allow(422)
    sign_in(page, user)
    shift = shift_of(server)
    page.goto("/profile/totp")
    prove(page, user)
    look(page, f"{picture}-before")
    page.get_by_role("button", name="Подключить приложение").click()
    expect(page.get_by_role("img", name=re.compile("QR-код"))).to_be_visible()
    look(page, f"{picture}-qr")
    address = page.get_by_role("link", name="Открыть приложение").get_attribute("href") or ""
    app = pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])
    page.get_by_label("Код из приложения").fill("000 000")
    page.get_by_role("button", name="Включить").click()
    expect(page.get_by_role("alert").first).to_contain_text("Код не подошёл")
    look(page, f"{picture}-wrong")
    page.get_by_label("Код из приложения").fill(app.at(datetime.now(UTC) + shift))
    page.get_by_role("button", name="Включить").click()
    expect(page.get_by_role("heading", name="Запасные коды", exact=True)).to_be_visible()
    page.get_by_role("button", name="Создать запасные коды").click()
    expect(page.get_by_label("Любой код")).to_be_visible()  # ten hashes take their time
    look(page, f"{picture}-codes")
    made = page.locator("main .receipt li").all_inner_texts()
    assert len(made) == 10
    page.get_by_label("Любой код").fill(made[0])
    page.get_by_role("button", name="Коды сохранены").click()
    expect(page.get_by_text("Осталось 9 кодов")).to_be_visible()
    look(page, f"{picture}-ready")
    sign_out(page)
    sign_in(page, user)
    expect(page.get_by_label("Код из приложения")).to_be_visible()
    look(page, f"{picture}-second")
    page.get_by_role("link", name="У меня нет телефона под рукой").click()
    expect(page.get_by_label("Запасной код")).to_be_visible()
    look(page, f"{picture}-paper")
    page.get_by_label("Запасной код").fill(made[0])
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("alert").first).to_contain_text("уже использован")
    check_axe(page)
    page.get_by_label("Запасной код").fill(made[1])
    page.get_by_role("button", name="Войти").click()
    expect(page).not_to_have_url(re.compile("/login"))
