"""Settings: typed, from file and environment, wrong ones named, secrets kept."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tesweb.config import SECRET_LENGTH, Settings, load


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_defaults_are_for_one_machine() -> None:
    settings = load()
    assert (settings.address, settings.workers, settings.debug) == ("127.0.0.1", 1, False)
    assert settings.database_address == f"sqlite:///{Path('var').resolve() / 'tesweb.db'}"


def test_a_variable_beats_the_file_and_an_argument_beats_both(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "tesweb.toml").write_text("port = 1001\nworkers = 2\nlogin_attempts = 3\n")
    monkeypatch.setenv("TESWEB_PORT", "1002")
    monkeypatch.setenv("TESWEB_WORKERS", "3")
    settings = load(port=1003)
    assert (settings.port, settings.workers, settings.login_attempts) == (1003, 3, 3)


def test_a_plugins_section_comes_from_file_and_environment(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "tesweb.toml").write_text('[plugins.acme]\nshop = "1"\nkey = "file"\n')
    monkeypatch.setenv("TESWEB_PLUGINS__ACME__KEY", "environment")
    assert load().plugins == {"acme": {"shop": "1", "key": "environment"}}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1", "prot"),
        ("port = 70000", "port"),
        ('port = "many"', "port"),
        ("workers = 0", "workers"),
        ("trusted_proxies = 9", "trusted_proxies"),
        ("login_attempts = 0", "login_attempts"),
    ],
)
def test_a_wrong_setting_is_named(elsewhere: Path, text: str, named: str) -> None:
    (elsewhere / "tesweb.toml").write_text(text)
    with pytest.raises(ValidationError) as caught:
        load()
    assert [error["loc"] for error in caught.value.errors()] == [(named,)]


def test_a_secret_is_never_shown() -> None:
    secret = "s" * SECRET_LENGTH
    settings = load(secret_key=secret)
    assert secret not in repr(settings) + str(settings) + settings.model_dump_json()


def test_settings_do_not_change_while_serving() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load().port = 1


def test_no_dotenv_file_is_read(elsewhere: Path) -> None:
    (elsewhere / ".env").write_text("TESWEB_PORT=1001\n")
    assert Settings().port == load().port == 8000
