"""Security headers of every answer."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; worker-src 'self' blob:; img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)

EVERYWHERE = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), payment=(), usb=()"),
)
"""No view sets one of these itself."""


def init_headers(app: Flask) -> None:
    """Every answer of `app` carries the headers; pages are never kept by a cache, static files are."""
    app.wsgi_app = _with_headers(app.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask's documented way

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _with_headers(application: WSGIApplication) -> WSGIApplication:
    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *fault: Any) -> Callable[[bytes], object]:
            return start_response(status, [*headers, *EVERYWHERE], *fault)

        return application(environ, start)

    return call
