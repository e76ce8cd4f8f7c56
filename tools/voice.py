"""Make the Russian digits that a captcha says, `tesweb/captcha/voice/ru/<digit>/default.wav`.

    sudo apt-get install espeak-ng
    python tools/voice.py

The captcha library wants a folder for each sign with 8,000 samples a second, 8 bits, one channel;
espeak-ng gives 22,050 of 16 bits. Where the files come from: `tesweb/captcha/voice/README.md`.
"""

import math
import shutil
import subprocess
import sys
import wave
from array import array
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "tesweb/captcha/voice/ru"
_RATE = 8000
#: Slower than people talk: 8 bits of a small loudspeaker, in noise.
_WORDS_A_MINUTE = "130"
#: Half of what 8 bits hold, less room for the noise that the library mixes in.
_LOUDEST = 110
#: Of the loudest: what is quieter at both ends is silence.
_SILENCE = 0.02
#: How many samples on each side a filtered one is made of.
_REACH = 32


def main() -> int:
    """Speak each digit and write it down."""
    program = shutil.which("espeak-ng")
    if program is None:
        sys.stderr.write("espeak-ng is not installed: sudo apt-get install espeak-ng\n")
        return 1
    for digit in "0123456789":
        words = [program, "-v", "ru", "-s", _WORDS_A_MINUTE, "--stdout", digit]
        spoken = subprocess.run(words, capture_output=True, check=True).stdout  # noqa: S603 - our own words
        file = _FOLDER / digit / "default.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, _trimmed(_resampled(*_read(spoken))))
    return 0


def _read(spoken: bytes) -> tuple[Sequence[int], int]:
    # A stream has no length in its header: all that follows the header is sound.
    with wave.open(BytesIO(spoken)) as sound:
        rate = sound.getframerate()
    samples = array("h")
    body = spoken[44:]
    samples.frombytes(body[: len(body) // 2 * 2])
    return samples, rate


def _resampled(samples: Sequence[int], rate: int) -> list[float]:
    """At 8,000 a second, without what is too high for it: a windowed sinc."""
    step, found = rate / _RATE, []
    for number in range(int(len(samples) / step)):
        middle = number * step
        first = max(0, math.ceil(middle - _REACH))
        last = min(len(samples), math.floor(middle + _REACH) + 1)
        taken = ((samples[at], _weight((at - middle) / step, step)) for at in range(first, last))
        found.append(sum(value * weight for value, weight in taken))
    return found


def _weight(distance: float, step: float) -> float:
    window = 0.5 + 0.5 * math.cos(math.pi * distance * step / (_REACH + 1))
    angle = math.pi * distance
    return window / step * (math.sin(angle) / angle if angle else 1.0)


def _trimmed(sound: list[float]) -> bytes:
    loudest = max(map(abs, sound))
    heard = [at for at, value in enumerate(sound) if abs(value) > _SILENCE * loudest]
    part = sound[heard[0] : heard[-1] + 1]
    return bytes(round(128 + value / loudest * _LOUDEST) for value in part)


def _write(file: Path, body: bytes) -> None:
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 1, _RATE, len(body), "NONE", ""))
        sound.writeframes(body)


if __name__ == "__main__":
    sys.exit(main())
