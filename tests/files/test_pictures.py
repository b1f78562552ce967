"""Pictures made safe: what is taken, what is refused, what is left of it."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from tests.files.pictures import drawn, with_place_and_device
from training_app.files import pictures
from training_app.files.pictures import NotAPicture, photograph, type_of


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_types_are_known_by_their_content_and_kept_as_jpeg(kind: str) -> None:
    found = photograph(drawn(kind), longest_side=900)
    assert (type_of(drawn(kind)), type_of(found.content)) == (kind, "JPEG")
    assert (found.media_type, found.width, found.height) == ("image/jpeg", 400, 300)


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", drawn("BMP"), drawn("TIFF"), b"%PDF-1.7", b"MZ"],
    ids=["nothing", "svg", "gif", "bmp", "tiff", "pdf", "program"],
)
def test_every_other_type_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture, match="Choose a JPEG, PNG or WebP file"):
        photograph(content, longest_side=900)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_refused(kind: str) -> None:
    with pytest.raises(NotAPicture, match="the file is damaged"):
        photograph(drawn(kind)[:60] + b"\x00" * 40, longest_side=900)


def test_a_large_picture_is_scaled() -> None:
    found = photograph(drawn(size=(2400, 1200)), longest_side=900)
    assert (found.width, found.height) == opened(found.content).size == (900, 450)


def test_nothing_but_the_picture_is_kept_and_it_stands_upright() -> None:
    found = photograph(with_place_and_device(), longest_side=900)
    assert (found.width, found.height) == (300, 400)
    kept = opened(found.content)
    assert not kept.getexif() and set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    words = (b"MAKER", b"REMARK", b"FOLLOWS", b"2026", b"Exif")
    assert [word for word in words if word in with_place_and_device() and word in found.content] == []


def test_what_was_transparent_is_white() -> None:
    written = BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(written, format="PNG")
    found = photograph(written.getvalue(), longest_side=900)
    assert opened(found.content).getpixel((100, 100)) == (255, 255, 255)


def test_the_first_of_moving_pictures_is_taken() -> None:
    written = BytesIO()
    frames = [Image.new("RGB", (200, 200), colour) for colour in ("red", "blue")]
    frames[0].save(written, format="WEBP", save_all=True, append_images=frames[1:], lossless=True)
    red, _green, blue = opened(photograph(written.getvalue(), longest_side=900).content).getpixel((100, 100))
    assert red > 200 and blue < 60


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be very large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("side", [4001, 10_000, 20_000, 2_000_000_000])
def test_a_picture_that_would_fill_the_memory_is_refused_unread(side: int) -> None:
    with pytest.raises(NotAPicture, match=r"has too many pixels|is damaged"):
        photograph(bomb(side, side), longest_side=900)


def test_a_picture_too_small_to_know_a_face_is_refused() -> None:
    with pytest.raises(NotAPicture, match="smaller than 120 pixels"):
        photograph(drawn(size=(400, 119)), longest_side=900)


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGEST_UPLOAD", 1 << 20)
    with pytest.raises(NotAPicture, match="larger than 1 MB"):
        photograph(drawn() + b"\x00" * (1 << 20), longest_side=900)
