"""`/healthz`: the state of each part as JSON, 503 when one of them is down."""

import shutil
from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from training_app.config import PLAIN_HTTP
from training_app.db import answers
from training_app.web.access import PUBLIC, permit
from training_app.web.requests import database, registry, settings

bp = Blueprint("health", __name__)

LOW_DISK_BYTES = 1 << 30


@bp.get("/healthz")
@permit(PUBLIC)
def healthz() -> tuple[Response, int]:
    """Every part with `state` "up", "low" or "down"."""
    parts: dict[str, dict[str, object]] = {
        "web": {"state": "up"},
        "database": _database_part(),
        "disk": _disk_part(),
        "https": {"state": "up"} if settings().secure else {"state": "low", "why": PLAIN_HTTP},
    }
    for name, part in registry().health_parts.items():
        parts[name] = _registered_part(part) if parts["database"]["state"] == "up" else {"state": "unknown"}
    down = any(part["state"] == "down" for part in parts.values())
    status = HTTPStatus.SERVICE_UNAVAILABLE if down else HTTPStatus.OK
    return jsonify(state="down" if down else "up", parts=parts), status


def _database_part() -> dict[str, object]:
    kind = "sqlite" if database().on_sqlite else "postgresql"
    try:
        up = answers(database())
    except SQLAlchemyError:
        up = False
    return {"state": "up" if up else "down", "kind": kind}


def _registered_part(part: Callable[[], dict[str, object]]) -> dict[str, object]:
    try:
        return part()
    except SQLAlchemyError:
        return {"state": "down"}


def _disk_part() -> dict[str, object]:
    try:
        free = shutil.disk_usage(settings().data_dir).free
    except OSError:
        return {"state": "down"}
    return {"state": "up" if free >= LOW_DISK_BYTES else "low", "free_bytes": free}
