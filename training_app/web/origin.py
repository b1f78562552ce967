"""Whether browsers take the address of a request for secure: HTTPS, or their own computer."""

import re
from typing import Final

from flask import request

OWN_COMPUTER: Final = re.compile(r"(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\]", re.ASCII)


def is_secure_origin() -> bool:
    """Whether the page that is asked for gets what browsers give to secure pages alone, a service worker first."""
    host = request.host.rpartition(":")[0] if re.search(r":\d*$", request.host) else request.host
    return request.is_secure or OWN_COMPUTER.fullmatch(host.lower()) is not None
