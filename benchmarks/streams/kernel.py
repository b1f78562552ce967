"""A socket filter in the kernel that throws media away before anybody pays for receiving it."""

import ctypes
import socket
import struct
from typing import Final

SO_ATTACH_FILTER: Final = 26
_UDP_HEADER: Final = 8
_LOAD_BYTE, _JUMP_IF_AT_LEAST, _RETURN = 0x30, 0x35, 0x06
_ALL: Final = 0x40000
_PROGRAM: Final = (
    # operation, steps when true, steps when false, operand
    (_LOAD_BYTE, 0, 0, _UDP_HEADER),
    (_JUMP_IF_AT_LEAST, 0, 4, 128),  # STUN and DTLS pass
    (_LOAD_BYTE, 0, 0, _UDP_HEADER + 1),
    (_JUMP_IF_AT_LEAST, 0, 1, 192),  # a payload type with marker may look like RTCP's 192 to 223: only those below 224
    (_JUMP_IF_AT_LEAST, 0, 1, 224),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, _ALL),
)
"""RTP is dropped; STUN, DTLS and RTCP pass."""


def drop_rtp(sock: socket.socket) -> None:
    """From now on the socket receives no RTP."""
    code = b"".join(struct.pack("HBBI", *step) for step in _PROGRAM)
    kept = ctypes.create_string_buffer(code)
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HxxxxxxP", len(_PROGRAM), ctypes.addressof(kept)))
