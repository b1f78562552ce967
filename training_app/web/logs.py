"""A log line for each request, never with a personal value."""

import logging
import secrets
import time

from flask import Flask, Response, g, request

from training_app import clock

log = logging.getLogger("training_app.request")


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
            "path": _path(),
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


def _path() -> str:
    """The path without what opens a door by itself: whoever reads logs could use it."""
    secret = (request.view_args or {}).get("secret")
    return request.path.replace(str(secret), "…") if secret else request.path
