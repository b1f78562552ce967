"""Where the pages that are asked for find the media process."""

from flask import request

from training_app.streams.control import MediaAway
from training_app.web.requests import settings


def media_address() -> str:
    """The origin of the media process for the page of this request. Raises MediaAway when there is none."""
    origin = settings().media_origin(request.scheme, request.host)
    if origin is None:
        raise MediaAway
    return origin
