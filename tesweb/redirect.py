"""The door for requests in clear: it answers each with where HTTPS is, and nothing else."""

import asyncio
import re
import socket
import threading

from tesweb.config import Settings
from tesweb.transport import HEADERS, is_ours, secure_address

#: A path and a query as a browser sends them.
_TARGET = re.compile(rb"/[\x21-\x7e]*")
#: How long somebody in clear may take to say what they want, in seconds, and in how many bytes.
_PATIENCE = 5
_LONGEST = 16 * 1024
#: How many at a time are listened to.
_MOST = 200


def redirect_in_background(settings: Settings, port: int) -> None:
    """Answer each request in clear at `port` by where HTTPS is. Raises OSError for a taken port."""
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    listener = socket.create_server((settings.address, port), family=family)
    threading.Thread(
        target=lambda: asyncio.run(_redirect(settings, listener)), name="redirect", daemon=True
    ).start()


async def _redirect(settings: Settings, listener: socket.socket) -> None:
    turns = asyncio.Semaphore(_MOST)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with turns, asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(redirection(settings, head))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever did not ask in time or in few words gets no answer
        finally:
            writer.close()

    server = await asyncio.start_server(answer, sock=listener, limit=_LONGEST)
    await server.serve_forever()


def redirection(settings: Settings, head: bytes) -> bytes:
    """What is answered to the head of a request in clear."""
    request, *lines = head.split(b"\r\n")
    words = request.split(b" ")
    hosts = [
        value.strip()
        for name, _, value in (line.partition(b":") for line in lines)
        if name.strip().lower() == b"host"
    ]
    headers = [*HEADERS, ("Connection", "close")]
    host = hosts[0].decode("latin-1") if len(hosts) == 1 else ""
    if len(words) == 3 and is_ours(settings, host):  # noqa: PLR2004 - method, target, version
        target = words[1].decode("ascii") if _TARGET.fullmatch(words[1]) else "/"
        status = "308 Permanent Redirect"
        headers.insert(0, ("Location", secure_address(settings, host) + target))
    else:
        status = "400 Bad Request"
    told = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\n{told}\r\n".encode("latin-1")
