"""The main job: a resident sends a reading, on phone and desktop, with and without scripts."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from e2e.support.browser import SCREENS, Screen, Watch
from e2e.support.pages import check_axe, check_fits, screenshot, sign_in
from e2e.support.server import DemoUser, Server

WITH_SCRIPTS = [screen for screen in SCREENS if screen.scripts]


def named(server: Server, login: str) -> DemoUser:
    return next(user for user in server.users if user.login == login)


def open_readings(page: Page, server: Server, login: str) -> Locator:
    sign_in(page, named(server, login))
    page.goto("/readings/")
    dials = page.locator("input.dial")
    expect(dials.first).to_be_visible()
    return dials


def previous(page: Page) -> list[int]:
    """What the registers showed, as the table says."""
    texts = page.locator("[id$='-before']").all_inner_texts()
    return [int(re.split(r"\n", text.strip())[0].replace("\u00a0", "")) for text in texts]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def looked_at(page: Page, picture: str, place: str) -> None:
    check_fits(page)
    check_axe(page)
    screenshot(page, f"{picture}-{place}")


def test_a_register_that_starts_at_zero_again(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    dials = open_readings(page, server, "ivanova")
    looked_at(page, picture, "1-table")
    dials.fill("0007")
    press(page, "Далее")
    expect(page.locator("h1")).to_have_text("Проверьте показания")
    expect(page.locator("main")).to_contain_text("14 кВт·ч")
    looked_at(page, picture, "2-check")

    watch.allow(422)
    press(page, "Продолжить")
    expect(page.locator("#errors")).to_be_visible()
    expect(page).to_have_title(re.compile("^Ошибка"))
    looked_at(page, picture, "3-unconfirmed")

    page.locator("main input[type=checkbox]").check()
    press(page, "Продолжить")
    expect(page.locator("h1")).to_have_text("Показания приняты")
    expect(page.locator("main")).to_contain_text("ноябрь")
    assert re.search(r"/receipts/\d+$", page.url)
    looked_at(page, picture, "4-receipt")

    page.goto("/readings/")
    expect(page.locator(".past")).to_contain_text("квитанция")
    page.goto("/")
    expect(page.locator("main")).to_contain_text("квитанция")


def test_two_zones_in_one_go_and_a_correction(page: Page, server: Server, picture: str) -> None:
    for extra in (5, 9):
        dials = open_readings(page, server, "petrov")
        for place, value in enumerate(previous(page)):
            dials.nth(place).fill(f" {value + extra} ")
        press(page, "Далее")
        expect(page.locator("main")).to_contain_text("₽")
        looked_at(page, picture, f"check-{extra}")
        press(page, "Продолжить")
        expect(page.locator("h1")).to_have_text("Показания приняты")
        page.context.clear_cookies()
    open_readings(page, server, "petrov")
    expect(page.locator(".past")).to_contain_text("заменено")


@pytest.mark.parametrize("typed", ["12a", "-5", "५७३", "1234567890", ""])
def test_what_cannot_be_is_told_beside_the_field(
    page: Page, server: Server, watch: Watch, screen: Screen, typed: str
) -> None:
    watch.allow(422)
    dials = open_readings(page, server, "petrov")
    good = str(previous(page)[0] + 3)
    dials.nth(0).fill(good)
    dials.nth(1).fill(typed)
    press(page, "Далее")
    expect(page.locator("#errors")).to_be_visible()
    expect(page).to_have_title(re.compile("^Ошибка"))
    expect(dials.nth(0)).to_have_value(good)
    expect(dials.nth(1)).to_have_value(typed)
    expect(dials.nth(1)).to_have_attribute("aria-invalid", "true")
    if screen.scripts:
        expect(page.locator("#errors")).to_be_focused()
    check_axe(page)


def test_lower_than_before_has_a_way_on(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(422)
    dials = open_readings(page, server, "petrov")
    before = previous(page)
    dials.nth(0).fill(str(before[0] - 1000))
    dials.nth(1).fill(str(before[1] + 1))
    press(page, "Далее")
    expect(page.locator("#errors")).to_be_visible()
    looked_at(page, picture, "1-refused")
    page.get_by_role("link", name="Заполнить заявку", exact=True).click()
    expect(page.locator("input[type=file]")).to_be_visible()
    photo = BytesIO()
    Image.new("RGB", (1200, 900), "gray").save(photo, "JPEG")
    sent: FilePayload = {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    page.locator("input[type=file]").set_input_files(sent)
    looked_at(page, picture, "2-request")
    page.locator("main form button:not([aria-hidden])").last.click()
    expect(page.locator("main")).to_contain_text("№")
    expect(page.locator("main img")).to_have_js_property("naturalWidth", 1200)
    looked_at(page, picture, "3-asked")


def test_nothing_was_consumed_is_one_tap(page: Page, server: Server) -> None:
    dials = open_readings(page, server, "ivanova")
    expect(dials).to_have_value("")
    page.get_by_role("button", name="Расхода не было").click()
    expect(page.locator("h1")).to_have_text("Проверьте показания")
    expect(page.locator("main")).to_contain_text("0 кВт·ч")


def test_edit_and_reload_keep_what_was_typed(page: Page, server: Server) -> None:
    dials = open_readings(page, server, "ivanova")
    dials.fill("9999")
    press(page, "Далее")
    expect(page.locator("h1")).to_have_text("Проверьте показания")
    page.reload()
    expect(page.locator("h1")).to_have_text("Проверьте показания")
    page.get_by_role("link", name="Изменить", exact=True).click()
    expect(page.locator("input.dial")).to_have_value("9999")
    assert page.url.endswith("/?reading-1-1=9999")


def test_back_from_the_receipt_sends_nothing_again(
    page: Page, server: Server, watch: Watch, picture: str
) -> None:
    watch.allow(422)
    dials = open_readings(page, server, "ivanova")
    for typed in ("12a", "9999"):
        dials.fill(typed)
        press(page, "Далее")
        expect(page).to_have_url(re.compile(f"/check.reading-1-1={typed}$"))
    press(page, "Продолжить")
    expect(page.locator("h1")).to_have_text("Показания приняты")
    page.go_back()
    expect(page.locator("main")).to_contain_text("Эти показания уже приняты")
    looked_at(page, picture, "back")
    expect(page.get_by_role("button", name="Продолжить", exact=True)).to_have_count(0)
    page.go_back()
    expect(page.locator("input.dial")).to_have_value("12a")
    page.go_back()
    expect(page.locator("input.dial")).to_have_value("")


@pytest.mark.parametrize("screen", WITH_SCRIPTS, ids=str, indirect=True)
def test_a_double_click_sends_once(page: Page, server: Server) -> None:
    dials = open_readings(page, server, "ivanova")
    dials.fill("9999")
    press(page, "Далее")
    page.get_by_role("button", name="Продолжить", exact=True).dblclick()
    expect(page.locator("h1")).to_have_text("Показания приняты")
    page.goto("/readings/")
    expect(page.locator(".past a", has_text="квитанция")).to_have_count(1)


@pytest.mark.parametrize("screen", WITH_SCRIPTS[:1], ids=str, indirect=True)
def test_two_of_one_household_at_once(
    page: Page, server: Server, browser: Browser, picture: str
) -> None:
    other = browser.new_context(base_url=server.address, locale="ru-RU").new_page()
    for each, login, extra in ((page, "semya1", 4), (other, "semya2", 6)):
        dials = open_readings(each, server, login)
        for place, value in enumerate(previous(each)):
            dials.nth(place).fill(str(Decimal(value) + extra))
        press(each, "Далее")
        expect(each.locator("h1")).to_have_text("Проверьте показания")
    press(page, "Продолжить")
    expect(page.locator("h1")).to_have_text("Показания приняты")
    press(other, "Продолжить")
    expect(other.locator("main")).to_contain_text("Пока вы заполняли")
    screenshot(other, f"{picture}-second")
    press(other, "Продолжить")
    expect(other.locator("h1")).to_have_text("Показания приняты")
    other.context.close()


def test_several_homes_and_one_without_a_meter(page: Page, server: Server, picture: str) -> None:
    user = named(server, "sosed")
    sign_in(page, user)
    page.goto("/readings/")
    looked_at(page, picture, "choose")
    links = page.locator("main a[href^='/readings/']")
    addresses = [str(links.nth(place).get_attribute("href")) for place in range(links.count())]
    assert len(set(addresses)) == len(user.accounts)
    for number, address in enumerate(dict.fromkeys(addresses)):
        page.goto(address)
        expect(page.locator("main h1, main h2").first).to_be_visible()
        looked_at(page, picture, f"home-{number}")
