"""The picture and the sound of digits; imported when the first one is asked for."""

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha

_WIDTH, _HEIGHT = 260, 90
_INK, _PAPER = (11, 12, 12, 255), (255, 255, 255)


def picture(digits: str) -> bytes:
    """A PNG of bent digits, black on white so that weak eyes can read them."""
    drawn = ImageCaptcha(width=_WIDTH, height=_HEIGHT)
    return bytes(drawn.generate(digits, bg_color=_PAPER, fg_color=_INK).getvalue())


def sound(digits: str) -> bytes:
    """A WAV of spoken digits in noise."""
    return bytes(AudioCaptcha().generate(digits))
