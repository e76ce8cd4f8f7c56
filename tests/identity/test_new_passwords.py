"""New passwords: 8 to 128 characters of any script, none that others would try."""

import pytest

from tesweb.identity.rules import check_new_password

OWN = ("Мария.Белова", "belova.maria@example.ru", "+79123456789", "ТюменьЭнерго", "Тюмень")


@pytest.mark.parametrize(
    "password",
    [
        "тихий паровоз клюква",
        "correct horse battery",
        "Ы" + "кглжт" * 25,
        "日本語のパスワード",
        "👩‍🌾🚜🌾🌻🐄🐖🐓",
        "Kq7#xLw2",
        "тюмень кувшин отвёртка",
        "жёлтый2автобус",
    ],
)
def test_any_script_is_taken(password: str) -> None:
    assert check_new_password(password, OWN) is None


@pytest.mark.parametrize("length", [0, 1, 7])
def test_too_short(length: int) -> None:
    assert check_new_password("кглжтмш"[:length], ()) is not None


def test_the_edges_of_the_length() -> None:
    text = "кг7лжт мшщ " * 13
    assert check_new_password(text[:8]) is None
    assert check_new_password(text[:64]) is None
    assert check_new_password(text[:128]) is None
    assert check_new_password(text[:129]) is not None
    # One sign that is eighteen letters once it is written out.
    assert check_new_password("\ufdfa" * 20) is not None


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PASSWORD1!",
        "qwerty123",
        "1q2w3e4r5t",
        "12345678",
        "87654321",
        "00000000",
        "abababab",
        "abcdefghij",
        "Пароль123",
        "парольпароль",
        "ПАРОЛЬ!!",
        "йцукенгш",
        "любимый1",
        # The right keys on the wrong layout.
        "gfhjkm123",
        "зфыыцщкв",
        "cjkysirj",
        "k.,bvfz1",
        "счётчик1",
        "счетчик1",
    ],
)
def test_what_strangers_try_first_is_refused(password: str) -> None:
    assert len(password) >= 8
    assert check_new_password(password) is not None


@pytest.mark.parametrize(
    "password",
    [
        "ТюменьЭнерго1",
        "тюмень-энерго-1",
        "n.vtym2026",
        "Белова.Мария",
        "belova1987",
        "79123456789",
        "89123456789",
        "9123456789!",
        "maria-tyumen",
    ],
)
def test_the_persons_own_words_do_not_count(password: str) -> None:
    assert check_new_password(password, (*OWN, "Tyumen")) is not None
    assert check_new_password(password + " кувшин отвёртка", OWN) is None
