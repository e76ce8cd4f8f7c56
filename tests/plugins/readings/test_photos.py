"""What is kept of a picture is made here: no place, no camera, no bomb."""

import io
import struct
import zlib

import pytest
from PIL import Image
from tesweb_readings.photos import LARGEST, BadPhoto, clean

GPS = 0x8825
ORIENTATION = 0x0112


def picture(size: tuple[int, int] = (800, 600), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    made = io.BytesIO()
    image = Image.new(mode, size, "red")
    exif = Image.Exif()
    exif[0x010F] = "Camera of a neighbour"
    exif[GPS] = {1: "N", 2: (57.0, 9.0, 0.0), 3: "E", 4: (65.0, 32.0, 0.0)}
    exif[ORIENTATION] = 6
    image.save(made, kind, exif=exif, comment=b"private") if kind == "JPEG" else image.save(
        made, kind, exif=exif
    )
    return made.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_jpeg_without_place_and_camera(kind: str) -> None:
    sent = picture(kind=kind)
    assert opened(sent).getexif().get_ifd(GPS)
    kept = opened(clean(sent))
    assert kept.format == "JPEG"
    assert dict(kept.getexif()) == {}
    assert {"exif", "comment", "icc_profile"} & set(kept.info) == set()
    assert b"neighbour" not in clean(sent)
    assert b"private" not in clean(sent)


def test_it_is_turned_upright() -> None:
    assert opened(clean(picture((800, 600)))).size == (600, 800)


def test_a_large_one_is_made_smaller() -> None:
    assert opened(clean(picture((4000, 3000)))).size == (1200, 1600)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_colours_are_understood(mode: str) -> None:
    made = io.BytesIO()
    Image.new(mode, (50, 50)).save(made, "JPEG")
    assert opened(clean(made.getvalue())).mode == "RGB"


def test_what_shines_through_becomes_white() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(made, "PNG")
    assert opened(clean(made.getvalue())).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture at all",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        picture()[:2000],
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(BadPhoto) as caught:
        clean(content)
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_formats_are_refused(kind: str) -> None:
    made = io.BytesIO()
    Image.new("RGB", (40, 40)).save(made, kind)
    with pytest.raises(BadPhoto):
        clean(made.getvalue())


def test_more_than_eight_megabytes_are_refused_unopened() -> None:
    with pytest.raises(BadPhoto) as caught:
        clean(b"\xff" * (LARGEST + 1))
    assert caught.value.code == "large"


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to side x side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        sealed = kind + data
        return struct.pack(">I", len(data)) + sealed + struct.pack(">I", zlib.crc32(sealed))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((side // 8 + 1) * side), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def test_a_photo_as_an_iphone_keeps_it_has_a_word_of_its_own() -> None:
    with pytest.raises(BadPhoto) as caught:
        clean(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64)
    assert caught.value.code == "heic"


@pytest.mark.parametrize("side", [5_000, 10_000, 20_000])
def test_a_bomb_is_refused_before_it_unpacks(side: int) -> None:
    content = bomb(side)
    assert len(content) < 100_000
    with pytest.raises(BadPhoto) as caught:
        clean(content)
    assert caught.value.code == "huge"
