"""Answers with an asset. Who may have it, the package of its owner has decided before."""

from typing import cast

from flask import Response, current_app

from training_app.errors import NotFound
from training_app.files.models import AssetUse
from training_app.files.services import NO_PICTURE
from training_app.files.store import Store


def store() -> Store:
    """The folder of files of this site."""
    return cast("Store", current_app.extensions["files"])


def picture_answer(use: AssetUse) -> Response:
    """The picture, kept by no cache. Raises NotFound when its file is gone."""
    try:
        content = store().path_of(use.digest).read_bytes()
    except FileNotFoundError:
        raise NotFound(NO_PICTURE) from None
    answer = Response(content, mimetype=use.asset.media_type)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
