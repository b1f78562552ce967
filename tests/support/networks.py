"""A network that lets no UDP through: a place of its own with nothing but some TCP ports of this computer."""

import asyncio
import ctypes
import os
import socket
import struct
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from fcntl import ioctl
from pathlib import Path
from threading import Thread
from typing import Any, Final, TypeVar

_NEW_NETWORK: Final = 0x40000000
"""CLONE_NEWNET of <sched.h>."""
_GET_FLAGS, _SET_FLAGS, _SET_ADDRESS, _UP = 0x8913, 0x8914, 0x8916, 0x1
"""SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR of <linux/sockios.h>, IFF_UP of <net/if.h>."""
_ATTACH, _WIRE = 0x400454CA, 0x1002
"""TUNSETIFF and IFF_TAP | IFF_NO_PI of <linux/if_tun.h>."""
HOST: Final = "127.0.0.1"
OWN: Final = "192.0.2.2"
"""Of a network card whose wire ends nowhere: without one, browsers take themselves for offline."""
_Found = TypeVar("_Found")


class NoNetworks(Exception):
    """This system lets nobody make a network; the message says why."""


@contextmanager
def tcp_only(folder: Path, program: str, *ports: int) -> Iterator[Path]:
    """A script in `folder` that runs `program` in a network where these ports of 127.0.0.1 answer and nothing else.

    Raises NoNetworks unless this process may make networks.
    """
    with ThreadPoolExecutor(1) as thread:  # a thread of its own: only this one changes its network
        place, card, listening = thread.submit(_made, ports).result()
    loop = asyncio.new_event_loop()
    passing = Thread(target=loop.run_forever, name="tcp only")
    passing.start()
    servers: list[asyncio.Server] = []
    try:
        servers = [_call(loop, asyncio.start_server(_pass_on, sock=one)) for one in listening]
        script = folder / "within"
        script.write_text(f'#!/bin/sh\nexec nsenter --net=/proc/{os.getpid()}/fd/{place} {program} "$@"\n', "ascii")
        script.chmod(0o755)
        yield script
    finally:
        _call(loop, _end(servers))
        loop.call_soon_threadsafe(loop.stop)
        passing.join()
        loop.close()
        os.close(card)
        os.close(place)


def _call(loop: asyncio.AbstractEventLoop, act: Coroutine[Any, Any, _Found]) -> _Found:
    return asyncio.run_coroutine_threadsafe(act, loop).result()


def _made(ports: tuple[int, ...]) -> tuple[int, int, list[socket.socket]]:
    """Descriptors of the new network and of its card, and sockets that listen there."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK):
        raise NoNetworks(f"no network can be made: {os.strerror(ctypes.get_errno())}")
    try:
        card = os.open("/dev/net/tun", os.O_RDWR)
        ioctl(card, _ATTACH, struct.pack("16sH22x", b"eth0", _WIRE))
    except OSError as fault:
        raise NoNetworks(f"no network card can be made: {fault}") from fault
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        ioctl(asked, _SET_ADDRESS, struct.pack("16sHH4s16x", b"eth0", socket.AF_INET, 0, socket.inet_aton(OWN)))
        for name in (b"lo", b"eth0"):
            flags = struct.unpack_from("16sH", ioctl(asked, _GET_FLAGS, struct.pack("16sH22x", name, 0)))[1]
            ioctl(asked, _SET_FLAGS, struct.pack("16sH22x", name, flags | _UP))
    listening = [socket.create_server((HOST, port)) for port in ports]
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY), card, listening


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, to the same port outside."""
    port = writer.get_extra_info("sockname")[1]
    try:
        outer_reader, outer_writer = await asyncio.open_connection(HOST, port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(_copy(reader, outer_writer), _copy(outer_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _end(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
