"""Each demo user can sign in and sees the own home, in every dress, with no violation."""

import pytest
from playwright.sync_api import Page, expect

from e2e.support.browser import Watch
from e2e.support.pages import check_axe, check_fits, screenshot, sign_in
from e2e.support.server import Server


def test_each_demo_user_signs_in_and_sees_the_home(
    page: Page, server: Server, picture: str
) -> None:
    assert server.users
    for user in server.users:
        sign_in(page, user)
        expect(page.locator("main")).to_be_visible()
        seen = _digits(page.locator("body").inner_text())
        assert not user.accounts or any(number in seen for number in user.accounts)
        check_axe(page)
        screenshot(page, f"{picture}-{user.login}")
        page.context.clear_cookies()


def test_the_login_page_and_the_home_are_accessible(
    page: Page, server: Server, picture: str
) -> None:
    page.goto("/login")
    check_fits(page)
    check_axe(page)
    screenshot(page, f"{picture}-login")
    sign_in(page, server.users[0])
    check_fits(page)
    check_axe(page)
    screenshot(page, f"{picture}-home")


def test_a_wrong_password_is_told_beside_the_field(
    page: Page, server: Server, watch: Watch
) -> None:
    watch.allow(422)
    page.goto("/login")
    page.locator("input[name=login]").fill(server.users[0].login)
    page.locator("input[name=password]").fill("wrong")
    page.locator("main form button:not([type=button])").first.click()
    expect(page.locator("input[name=login]")).to_have_value(server.users[0].login)
    assert page.title().startswith("Ошибка")
    check_axe(page)


def test_every_entry_of_the_menu_opens(page: Page, server: Server) -> None:
    sign_in(page, server.users[0])
    links = page.locator("nav a")
    addresses = {str(links.nth(place).get_attribute("href")) for place in range(links.count())}
    assert addresses
    for address in sorted(address for address in addresses if address.startswith("/")):
        page.goto(address)
        expect(page.locator("main h1")).to_have_count(1)
        check_fits(page)
        check_axe(page)


@pytest.mark.parametrize("code", [404])
def test_an_error_page_wears_the_same_dress(
    page: Page, server: Server, watch: Watch, code: int
) -> None:
    watch.allow(code)
    sign_in(page, server.users[0])
    answer = page.goto("/no/such/page")
    assert answer is not None
    assert answer.status == code
    check_axe(page)


def _digits(text: str) -> str:
    return "".join(text.split())
