"""Registration by e-mail, from the first page to the signed-in cabinet."""

from tests.registration.conftest import EMAIL, Registrar
from tesweb.testing.factories import MadeAccount


def test_a_letter_opens_the_cabinet(registrar: Registrar, house: MadeAccount) -> None:
    assert "бесплатный" in registrar.client.page("/register").text
    registrar.until_sent(house)
    assert EMAIL in registrar.client.page("/register/sent").text
    assert registrar.users() == []
    link = registrar.link()
    assert registrar.client.page(link).form("/activate")
    assert registrar.users() == []  # whoever opens the link has not pressed the button
    answer = registrar.client.submit(link, "/activate", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    page = registrar.client.page("/")
    assert "Республики" in page.text
    assert [(user.login, user.email, user.city) for user in registrar.users()] == [
        ("иванова.мария", EMAIL, "Тюмень")
    ]
