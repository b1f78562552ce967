"""Pictures made safe: known by their content, turned upright, scaled and written anew, so that nothing else is kept.

What a camera writes beside the picture (place, time, name of the device) does not survive, nor does anything that
follows the picture in the file.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps

from training_app.errors import Refused

warnings.simplefilter("error", Image.DecompressionBombWarning)

LARGEST_UPLOAD: Final = 8 << 20
MOST_PIXELS: Final = {"JPEG": 30_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
"""By type: a JPEG can be read at a fraction of its size, the others are unpacked whole."""

SMALLEST_SIDE: Final = 120
QUALITY: Final = 85
STARTS: Final = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"))


class NotAPicture(Refused):
    """What was handed in cannot be taken as a picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    media_type: str
    width: int
    height: int


def type_of(content: bytes) -> str | None:
    """`PNG`, `JPEG` or `WEBP` by the first bytes, None for all else; names and headers of an upload prove nothing."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for start, kind in STARTS if content.startswith(start)), None)


def photograph(content: bytes, *, longest_side: int) -> Picture:
    """The picture as a JPEG of at most `longest_side` pixels. Raises NotAPicture with the reason."""
    if len(content) > LARGEST_UPLOAD:
        raise NotAPicture(
            _l("The picture is larger than %(limit)s MB. Choose a smaller one.", limit=LARGEST_UPLOAD >> 20)
        )
    kind = type_of(content)
    if kind is None:
        raise NotAPicture(_l("This is no picture that can be taken. Choose a JPEG, PNG or WebP file."))
    try:
        with Image.open(BytesIO(content), formats=[kind]) as opened:
            _check_size(opened, kind)
            upright = _upright(opened, longest_side)
    except NotAPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPicture(_too_many_pixels()) from None
    except Exception:  # noqa: BLE001 - a decoder may raise anything on a file that was made to break it
        raise NotAPicture(_l("The picture cannot be read: the file is damaged. Choose another one.")) from None
    written = BytesIO()
    upright.save(written, format="JPEG", quality=QUALITY, optimize=True)
    return Picture(written.getvalue(), "image/jpeg", upright.width, upright.height)


def _check_size(opened: Image.Image, kind: str) -> None:
    if opened.width * opened.height > MOST_PIXELS[kind]:
        raise NotAPicture(_too_many_pixels())
    if min(opened.width, opened.height) < SMALLEST_SIDE:
        raise NotAPicture(_l("The picture is smaller than %(side)s pixels. Choose a larger one.", side=SMALLEST_SIDE))


def _too_many_pixels() -> object:
    return _l("The picture has too many pixels. Choose a smaller one.")


def _upright(opened: Image.Image, longest_side: int) -> Image.Image:
    """A new picture with the pixels alone: no metadata is carried over, what was transparent is white."""
    opened.draft("RGB", (longest_side * 2, longest_side * 2))  # a large JPEG is unpacked small
    layer = ImageOps.exif_transpose(opened).convert("RGBA")
    layer.thumbnail((longest_side, longest_side))
    plain = Image.new("RGB", layer.size, "white")
    plain.paste(layer, mask=layer.getchannel("A"))
    return plain
