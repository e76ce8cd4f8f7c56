"""Passwords."""

from tesweb.identity.passwords import hash_password, needs_rehash, verify_password


def test_only_the_right_one_fits_in_any_script_and_on_any_keyboard() -> None:
    stored = hash_password("пароль Ёлка é")
    assert verify_password(stored, "пароль Ёлка é")
    assert verify_password(stored, "пароль Ёлка e\u0301")
    assert not verify_password(stored, "пароль Елка é")
    assert not verify_password(None, "пароль Ёлка é")
    assert not verify_password("not a hash", "пароль Ёлка é")


def test_hashes_are_argon2id_and_salted() -> None:
    first, second = hash_password("x" * 20), hash_password("x" * 20)
    assert first.startswith("$argon2id$")
    assert first != second
    assert not needs_rehash(first)
    assert needs_rehash("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA")
