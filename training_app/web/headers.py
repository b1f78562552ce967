"""Security headers of every answer."""

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

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.extend(EVERYWHERE)
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
