"""Pictures for tests, drawn by the tests."""

from io import BytesIO

from PIL import Image


def drawn(kind: str = "JPEG", size: tuple[int, int] = (400, 300), *, colour: str = "navy", **how: object) -> bytes:
    """A picture of one colour."""
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, format=kind, **how)
    return written.getvalue()


def with_place_and_device() -> bytes:
    """A photograph as a camera writes it: turned, with the place, the device and a remark beside the picture."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "MAKER-OF-CAMERAS"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[29] = "2026:11:23"
    return drawn(exif=exif, comment=b"REMARK-OF-THE-CAMERA") + b"FOLLOWS-THE-PICTURE"
