"""Input that no page sends: refused before anything reads it."""

from collections.abc import Iterator

from flask import Flask, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest


def init_unreadable(app: Flask) -> None:
    """`app` refuses NUL in path, query and form, which PostgreSQL cannot hold and nobody types."""

    @app.before_request
    def refuse() -> None:
        # the body of a script is no form
        fields = () if request.is_json else _words(request.form)
        query = _words(request.args) if request.query_string else ()
        parts = (request.path, *query, *fields)
        if any("\x00" in part for part in parts):
            raise BadRequest


def _words(fields: MultiDict[str, str]) -> Iterator[str]:
    for name, value in fields.items(multi=True):
        yield name
        yield value
