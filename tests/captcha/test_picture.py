"""Digits to be read or heard, where no script runs."""

import wave
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from captcha import audio
from PIL import Image

from tests.captcha.conftest import URL, Stranger, digits_of, mark_of
from tesweb.captcha import media
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.testing.pages import Page


def test_it_can_be_seen_and_heard(stranger: Stranger) -> None:
    mark = mark_of(stranger)
    seen = stranger.client.get(f"/captcha/picture?mark={mark}")
    heard = stranger.client.get(f"/captcha/sound?mark={mark}")
    drawn = Image.open(BytesIO(seen.data))
    assert drawn.format == "PNG"
    darkest = sum(drawn.convert("L").histogram()[:64])
    assert darkest > 1000  # ink enough to be read: pale grey on white is no captcha but a wall
    with wave.open(BytesIO(heard.data)) as sound:
        assert sound.getnframes() / sound.getframerate() > 2
    assert (seen.mimetype, heard.mimetype) == ("image/png", "audio/wav")
    assert mark.encode() not in heard.data


def test_the_right_digits_open_once(stranger: Stranger, core: Core) -> None:
    mark = mark_of(stranger)
    typed = " ".join(digits_of(stranger, core, mark))
    answers = {"captcha_mark": mark, "captcha_digits": typed}
    assert stranger.send(**answers).status_code == 303
    assert stranger.send(**answers).status_code == 422


def test_a_picture_can_be_guessed_at_once(stranger: Stranger, core: Core) -> None:
    mark = mark_of(stranger)
    right = digits_of(stranger, core, mark)
    wrong = f"{(int(right) + 1) % 100000:05d}"
    assert stranger.send(captcha_mark=mark, captcha_digits=wrong).status_code == 422
    assert stranger.send(captcha_mark=mark, captcha_digits=right).status_code == 422


def test_it_is_over_after_ten_minutes(stranger: Stranger, core: Core, clock: FixedClock) -> None:
    mark = mark_of(stranger)
    typed = digits_of(stranger, core, mark)
    clock.moment += timedelta(minutes=10)
    assert stranger.send(captcha_mark=mark, captcha_digits=typed).status_code == 422
    assert stranger.client.get(f"/captcha/picture?mark={mark}").status_code == 404


def test_it_is_this_form_s_and_this_browser_s(
    stranger: Stranger, another: Callable[[], Stranger], core: Core
) -> None:
    mark = mark_of(stranger)
    typed = digits_of(stranger, core, mark)
    other = another()
    assert other.send(captcha_mark=mark, captcha_digits=typed).status_code == 422
    assert other.client.get(f"/captcha/picture?mark={mark}").status_code == 404
    forged = mark.replace("registration", "recovery")
    assert stranger.send(captcha_mark=forged, captcha_digits=typed).status_code == 422
    assert stranger.send(captcha_mark=mark, captcha_digits=typed).status_code == 303


def test_nothing_typed_is_no_try(stranger: Stranger, core: Core) -> None:
    mark = mark_of(stranger)
    assert stranger.send(captcha_mark=mark, captcha_digits="").status_code == 422
    typed = digits_of(stranger, core, mark)
    assert stranger.send(captcha_mark=mark, captcha_digits=typed).status_code == 303


def test_it_can_be_asked_for_with_scripts_too(stranger: Stranger) -> None:
    page = stranger.send(captcha_plain="1")
    assert page.status_code == 422
    assert "captcha_digits" in Page(page.text).form(URL).names
    assert "<noscript>" not in page.text
    assert "data-captcha" not in page.text


@pytest.mark.parametrize(("language", "folder"), [("ru", "voice/ru"), ("en", "captcha/data")])
def test_it_is_heard_in_the_language_of_the_page(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch, language: str, folder: str
) -> None:
    spoken: list[Path] = []
    read = audio._read_wave_file

    def listened(file: str) -> bytearray:
        spoken.append(Path(file))
        return read(file)

    monkeypatch.setattr(audio, "_read_wave_file", listened)
    if language != "ru":
        stranger.client.submit("/register", f"/language/{language}", {})
    heard = stranger.client.get(f"/captcha/sound?mark={mark_of(stranger)}")
    assert heard.status_code == 200
    assert {file.parent.parent.as_posix()[-len(folder) :] for file in spoken} == {folder}


@pytest.mark.parametrize("digit", "0123456789")
def test_each_russian_digit_is_as_the_library_wants_it(digit: str) -> None:
    file = Path(media.__file__).parent / "voice" / "ru" / digit / "default.wav"
    with wave.open(str(file)) as sound:
        assert sound.getparams()[:3] == (1, 1, audio.WAVE_SAMPLE_RATE)
        assert 0.2 < sound.getnframes() / sound.getframerate() < 1
