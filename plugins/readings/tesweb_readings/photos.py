"""Pictures of meters: what comes in is not trusted, what is kept is made here."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

#: Bytes that a resident may send.
LARGEST = 8 * 1024 * 1024
#: The longer side of what is kept, in pixels: enough to read a dial.
_SIDE = 1600
_QUALITY = 80
_FORMATS = ("JPEG", "PNG", "WEBP")
#: How an iPhone keeps photos; reading it takes a library with a history of holes.
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
#: Pixels that are unpacked at most. A JPEG unpacks at a smaller scale, the others only whole.
_PIXELS = {"JPEG": 64_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}


class BadPhoto(ValueError):
    """No picture that can be kept; `code` is `large`, `huge`, `heic` or `unreadable`."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def clean(content: bytes) -> bytes:
    """The picture as a JPEG of our own: upright, of reasonable size, without place and camera.

    Raises BadPhoto for more than 8 MB, for more pixels than a phone takes, and for all that is no
    JPEG, PNG or WebP.
    """
    if len(content) > LARGEST:
        raise BadPhoto("large")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise BadPhoto("heic")
    try:
        return _redrawn(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise BadPhoto("huge") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, BadPhoto):
            raise
        raise BadPhoto("unreadable") from error


def _redrawn(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        width, height = opened.size
        if width * height > _PIXELS[opened.format or ""]:
            raise BadPhoto("huge")
        opened.draft("RGB", (_SIDE, _SIDE))
        opened.thumbnail((_SIDE, _SIDE))
        upright = ImageOps.exif_transpose(opened)
        # A new picture takes the pixels alone: no EXIF, no profile, no comment comes along.
        fresh = Image.new("RGB", upright.size, "white")
        mask = upright.convert("RGBA") if upright.has_transparency_data else None
        fresh.paste(mask or upright.convert("RGB"), mask=mask)
    made = io.BytesIO()
    fresh.save(made, "JPEG", quality=_QUALITY, optimize=True)
    return made.getvalue()
