"""Relay TCP connections as a slow mobile link would carry them.

    python bench/slowlink.py LISTEN TARGET [--kbit 256] [--rtt-ms 200]

Both directions have one bandwidth each, shared by all connections; every packet is late by half the
round trip; opening a connection costs one round trip. `GET http://127.0.0.1:<LISTEN+1>/` answers
what was carried so far as JSON: {"up": bytes, "down": bytes, "connections": n}. It needs no
privileges. A browser's own throttling hides what setting up TCP and TLS costs; this does not.
"""

import argparse
import asyncio
import contextlib
import json
import time
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass

#: Payload bytes of one TCP segment.
PACKET = 1460
#: TCP and IP headers of one segment.
HEADERS = 40
HOST = "127.0.0.1"


@dataclass(slots=True)
class Direction:
    """One direction of the link: packets queue behind one another at the link's speed."""

    bytes_per_second: float
    #: Seconds from one end to the other.
    delay: float
    #: When the last packet has left, on the monotonic clock.
    free_at: float = 0.0
    #: Payload bytes so far.
    carried: int = 0

    def arrival(self, size: int) -> float:
        """The monotonic time at which a packet of `size` bytes that is sent now comes out."""
        self.carried += size
        start = max(time.monotonic(), self.free_at)
        self.free_at = start + (size + HEADERS) / self.bytes_per_second
        return self.free_at + self.delay


@dataclass(slots=True)
class Link:
    """A link to the port `target` of this machine."""

    target: int
    #: Seconds for a packet to go and its answer to come.
    round_trip: float
    up: Direction
    down: Direction
    connections: int = 0

    async def connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Carry one connection until both ends have closed it."""
        self.connections += 1
        await asyncio.sleep(self.round_trip)  # SYN, SYN-ACK
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            carry(reader, far_writer, self.up), carry(far_reader, writer, self.down)
        )

    async def report(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Answer any HTTP request with what was carried."""
        await reader.readline()
        body = json.dumps(self.counts()).encode()
        head = (
            "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    def counts(self) -> dict[str, int]:
        """Payload bytes in both directions, and how many connections there were."""
        return {
            "up": self.up.carried,
            "down": self.down.carried,
            "connections": self.connections,
        }


async def carry(reader: StreamReader, writer: StreamWriter, direction: Direction) -> None:
    """Pass on what comes from `reader`, packet by packet, each when the link has carried it."""
    queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    delivery = asyncio.create_task(_deliver(queue, writer))
    with contextlib.suppress(ConnectionError):
        while packet := await reader.read(PACKET):
            queue.put_nowait((direction.arrival(len(packet)), packet))
    queue.put_nowait(None)
    await delivery


async def _deliver(queue: asyncio.Queue[tuple[float, bytes] | None], writer: StreamWriter) -> None:
    while (item := await queue.get()) is not None:
        at, packet = item
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        try:
            writer.write(packet)
            await writer.drain()
        except ConnectionError:
            return
    writer.close()


async def relay(listen: int, target: int, kbit: float, rtt_ms: float) -> None:
    """Listen on the port `listen` and relay to `target` until cancelled."""
    round_trip, speed = rtt_ms / 1000, kbit * 1000 / 8
    link = Link(
        target, round_trip, Direction(speed, round_trip / 2), Direction(speed, round_trip / 2)
    )
    carrier = await asyncio.start_server(link.connect, HOST, listen)
    counter = await asyncio.start_server(link.report, HOST, listen + 1)
    await asyncio.gather(carrier.serve_forever(), counter.serve_forever())


def main() -> None:
    """Read the command line and relay until a signal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("listen", type=int)
    parser.add_argument("target", type=int)
    parser.add_argument("--kbit", type=float, default=256)
    parser.add_argument("--rtt-ms", type=float, default=200)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(relay(options.listen, options.target, options.kbit, options.rtt_ms))


if __name__ == "__main__":
    main()
