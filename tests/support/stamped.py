"""Reads from a shown test picture when it was made."""

import av

from training_app.media.synthetic.mosaic import SIDE
from training_app.media.synthetic.picture import STAMP_BITS, STAMP_FROM, STAMP_ROW


def stamp_of(frame: av.VideoFrame) -> int:
    """Milliseconds since 1970, modulo 2^32."""
    plane = frame.planes[0]
    luma, line = bytes(plane), (STAMP_ROW + 1) * SIDE * plane.line_size
    middles = (line + (STAMP_FROM + bit) * SIDE + SIDE // 2 for bit in range(STAMP_BITS))
    return int("".join("1" if luma[place] > 128 else "0" for place in middles), 2)
