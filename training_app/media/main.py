"""The media process: one event loop that serves browsers, OBS and the orders of the site until it is told to stop."""

import asyncio
import gc
import logging
import signal
import socket
import ssl
from typing import Final

from aiohttp import web

from training_app.config import Settings, make_data_dir
from training_app.media.joined import Media
from training_app.media.protocol import CONTROL_SOCKET
from training_app.processes import configure_logging, end_with_supervisor, private_socket

log = logging.getLogger("training_app.media")

ENDS_WITHIN_S: Final = 3.0
"""Requests that are under way when the process is to end get so long."""
BACKLOG: Final = 2048


def main() -> int:
    """The exit status of the media process: 0 after a clean stop."""
    settings = Settings.from_environ()
    configure_logging(settings.log_level)
    logging.getLogger("aioice").setLevel(logging.WARNING)  # it tells of every pair of addresses that it tries
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the supervisor, which stops the others in order
    end_with_supervisor()
    make_data_dir(settings.data_dir)
    asyncio.run(_serve(settings))
    return 0


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    media = Media(settings)
    runners = [_runner(media.application()), _runner(media.control())]
    for runner in runners:
        await runner.setup()
    await media.begin()
    doors = [(runners[0], _public(settings), _tls(settings)), (runners[1], _private(settings), None)]
    for runner, door, tls in doors:
        await web.SockSite(runner, door, ssl_context=tls, backlog=BACKLOG).start()
    gc.collect()
    gc.freeze()
    log.info("media process up", extra={"fields": {"port": settings.media_port}})
    try:
        await stop.wait()
    finally:
        await media.close()
        for runner in runners:
            await runner.cleanup()
        await media.end()


def _runner(app: web.Application) -> web.AppRunner:
    # a line for every request would be a line for every half second of every viewer
    return web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=ENDS_WITHIN_S)


def _public(settings: Settings) -> socket.socket:
    """Where browsers come in."""
    host = settings.host or "127.0.0.1"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, settings.media_port), family=family, backlog=BACKLOG)


def _private(settings: Settings) -> socket.socket:
    """Where the site comes in, in the place of what a killed process left there."""
    path = settings.data_dir / CONTROL_SOCKET
    path.unlink(missing_ok=True)
    return private_socket(path)


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """With the certificate of the site."""
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context
