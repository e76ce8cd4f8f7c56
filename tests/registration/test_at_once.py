"""Two who press the button at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask

from tests.registration.conftest import EMAIL, Registrar
from tesweb.current import Core
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import MadeAccount


def test_one_link_makes_one_user(
    registrar: Registrar, house: MadeAccount, app: Flask, core: Core
) -> None:
    registrar.until_sent(house)
    assert _pressed(app, core, [registrar.link()] * 4).count(303) == 1
    assert [user.email for user in registrar.users()] == [EMAIL]


def test_one_login_is_one_user_s(
    registrar: Registrar, house: MadeAccount, app: Flask, core: Core
) -> None:
    registrar.until_sent(house)
    first = registrar.link()
    registrar.client = _browser(app)
    registrar.until_sent(house, address="another@example.ru")
    answers = _pressed(app, core, [first, registrar.link()])
    assert sorted(answers) == [303, 422]
    assert len(registrar.users()) == 1


def _pressed(app: Flask, core: Core, links: list[str]) -> list[int]:
    """What those see who open the links elsewhere and press the button together."""
    barrier = Barrier(len(links))

    def press(link: str) -> int:
        client = _browser(app)
        fields = client.page(link).form("/activate").fields
        values = fields | {"password": "тихий паровоз клюква"}
        barrier.wait(20)
        try:
            return client.post("/activate", data=values, headers=SAME_ORIGIN).status_code
        finally:
            for held in vars(core.database._kept).values():
                held.close()  # a server's threads live as long as it does, these end here

    with ThreadPoolExecutor(len(links)) as pool:
        return list(pool.map(press, links))


def _browser(app: Flask) -> Client:
    made = app.test_client()
    assert isinstance(made, Client)
    return made
