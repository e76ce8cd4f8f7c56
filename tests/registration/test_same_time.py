"""Whether an address has a cabinet is not to be told from how long the answer takes."""

from sqlalchemy import event

from tests.registration.conftest import EMAIL, PHONE, Registrar
from tesweb.current import Core
from tesweb.testing.factories import Factory, MadeAccount


def test_a_taken_address_costs_what_a_free_one_does(
    registrar: Registrar, house: MadeAccount, make: Factory, core: Core
) -> None:
    make.user(email=EMAIL)
    make.user(phone=PHONE)
    for way, free in (("email", "free@example.ru"), ("phone", "+79120000000")):
        seen = {}
        for address in (EMAIL if way == "email" else PHONE, free):
            registrar.person(way, address=address)
            registrar.consents()
            registrar.account(house.number)
            seen[address] = _statements(registrar, core)
        taken, other = seen.values()
        assert taken == other
        assert len(taken) > 5


def _statements(registrar: Registrar, core: Core) -> list[str]:
    found: list[str] = []

    def note(*given: object) -> None:
        found.append(str(given[2]))

    engines = (core.database.reader, core.database.writer)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    assert registrar.confirm().status_code == 303
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    return found
