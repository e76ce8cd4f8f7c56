"""Make the Russian digits that a captcha says, `tesweb/captcha/voice/ru/<digit>/default.wav`.

    sudo apt-get install festival festvox-ru sox
    python tools/voice.py

The captcha library wants a folder for each sign with 8,000 samples a second, 8 bits, one channel.
Where the files come from: `tesweb/captcha/voice/README.md`.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

_FOLDER = Path(__file__).parents[1] / "tesweb/captcha/voice/ru"
_WORDS = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
_VOICE = "(voice_msu_ru_nsh_clunits)"
_FORMAT = ("-r", "8000", "-b", "8", "-e", "unsigned", "-c", "1")
_SILENCE = ("silence", "1", "0.01", "1%")
#: Slower than people talk, and with room for the noise that the library mixes in.
_EFFECTS = (*_SILENCE, "reverse", *_SILENCE, "reverse", "tempo", "-s", "0.7", "norm", "-1.3")


def main() -> int:
    """Speak each digit and write it down."""
    speak, change = shutil.which("text2wave"), shutil.which("sox")
    if speak is None or change is None:
        sys.stderr.write("missing: sudo apt-get install festival festvox-ru sox\n")
        return 1
    with TemporaryDirectory() as folder:
        spoken = str(Path(folder, "spoken.wav"))
        for digit, word in enumerate(_WORDS):
            file = _FOLDER / str(digit) / "default.wav"
            file.parent.mkdir(parents=True, exist_ok=True)
            words = [speak, "-eval", _VOICE, "-o", spoken]
            subprocess.run(words, input=word.encode(), check=True)  # noqa: S603 - our own words
            # -R: the same noise of rounding each time, so that the same files come of it
            subprocess.run([change, "-R", spoken, *_FORMAT, str(file), *_EFFECTS], check=True)  # noqa: S603 - our own words
    return 0


if __name__ == "__main__":
    sys.exit(main())
