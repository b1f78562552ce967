"""What is refused, as an answer of HTTP with the reason in words."""

import logging
from http import HTTPStatus

from aiohttp import web

from training_app.errors import Refused
from training_app.media.cors import Handler
from training_app.media.protocol import Unreadable

log = logging.getLogger("training_app.media")


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer, or why there is none. What nobody expected is logged and says nothing of the inside."""
    try:
        return await handler(request)
    except Refused as refusal:
        return web.Response(status=refusal.status, text=f"{refusal.message}\n")
    except Unreadable as fault:
        return web.Response(status=HTTPStatus.BAD_REQUEST, text=f"This cannot be read: {fault}.\n")
    except (web.HTTPException, ConnectionError):
        raise
    except Exception:
        log.exception("a request failed", extra={"fields": {"method": request.method, "path": request.path}})
        return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR, text="This went wrong; the log says why.\n")
