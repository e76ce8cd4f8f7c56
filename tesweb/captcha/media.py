"""The picture and the sound of digits; imported when the first one is asked for."""

from pathlib import Path

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha

_WIDTH, _HEIGHT = 260, 90
_SIZES = (56, 62, 68)
#: How they were made: `voice/README.md`.
_VOICES = Path(__file__).parent / "voice"
_INK, _PAPER = (11, 12, 12, 255), (255, 255, 255)


class _Dark(ImageCaptcha):
    """The library takes how bright a colour is for how well it covers: dark ink would be pale."""

    lookup_table = [min(255, level * 24) for level in range(256)]  # noqa: RUF012 - the library's name and type


def picture(digits: str) -> bytes:
    """A PNG of bent digits, black on white so that weak eyes can read them."""
    drawn = _Dark(width=_WIDTH, height=_HEIGHT, font_sizes=_SIZES)
    return bytes(drawn.generate(digits, bg_color=_PAPER, fg_color=_INK).getvalue())


def sound(digits: str, language: str) -> bytes:
    """A WAV of digits in noise, spoken in the language; English where there is no such voice."""
    folder = _VOICES / language
    return bytes(AudioCaptcha(str(folder) if folder.is_dir() else None).generate(digits))
