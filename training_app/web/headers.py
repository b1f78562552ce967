"""Security headers of every answer."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request

from training_app.config import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; worker-src 'self' blob:; img-src 'self' data:; media-src 'self' blob:{media}; "
    "connect-src 'self'{media}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)

EVERYWHERE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), payment=(), usb=()"),
)
"""No view sets one of these itself, nor the policy."""


def init_headers(app: Flask, settings: Settings) -> None:
    """Every answer of `app` carries the headers; pages are never kept by a cache, static files are."""
    app.wsgi_app = _with_headers(app.wsgi_app, settings)  # type: ignore[method-assign, assignment]  # Flask's documented way

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _with_headers(application: WSGIApplication, settings: Settings) -> WSGIApplication:
    @lru_cache(maxsize=64)
    def headers_for(scheme: str, host: str) -> tuple[tuple[str, str], ...]:
        origin = settings.media_origin(scheme, host)
        policy = CONTENT_SECURITY_POLICY.format(media=f" {origin}" if origin else "")
        return (("Content-Security-Policy", policy), *EVERYWHERE)

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *fault: Any) -> Callable[[bytes], object]:
            ours = headers_for(environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""))
            return start_response(status, [*headers, *ours], *fault)

        return application(environ, start)

    return call
