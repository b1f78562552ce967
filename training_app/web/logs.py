"""Structured log lines: one JSON object a line on standard error, a line a request, never a personal value."""

import json
import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime

from flask import Flask, Response, g, request

from question_bank.identifiers import mask_identity_numbers
from training_app import clock

log = logging.getLogger("training_app.request")

VALUES_OF_A_ROW = re.compile(r"(DETAIL: ).*?(?=\nHINT: |\nCONTEXT: |\n\[SQL: |\n\n|\Z)", re.DOTALL)
"""Where PostgreSQL repeats the row that it refused: names, addresses, hashes."""


class JsonLine(logging.Formatter):
    """A record as one line of JSON: at, level, logger, message, and whatever was given as `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without line breaks and with identity numbers masked."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = VALUES_OF_A_ROW.sub(r"\1…", self.formatException(record.exc_info))
        return mask_identity_numbers(json.dumps(line, ensure_ascii=False, default=str))


def configure_logging(level: str) -> None:
    """Every logger of the process writes JSON lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of its set-up each time it is asked


def init_request_log(app: Flask) -> None:
    """Each request of `app` gets its moment, its id and a log line. `g.person_id` is who was found to be signed in."""

    @app.before_request
    def begin() -> None:
        g.now = clock.now()
        g.started = time.perf_counter()
        g.request_id = secrets.token_hex(8)

    @app.after_request
    def write_line(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        fields = {
            "request_id": g.request_id,
            "method": request.method,
            "path": request.path,
            "endpoint": request.endpoint,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.started) * 1000, 1),
            "person": g.get("person_id"),
        }
        level = logging.DEBUG if request.endpoint == "static" else logging.INFO
        if log.isEnabledFor(level):
            # made here: a logger would look for the line of code that calls it
            record = logging.LogRecord(log.name, level, __file__, 0, "request", (), None)
            vars(record)["fields"] = fields
            log.handle(record)
        return response
