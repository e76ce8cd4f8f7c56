"""A Redis server of our own that lives as long as a test."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from tempfile import TemporaryDirectory

from tesweb.testing.databases import free_port
from tesweb.testing.missing import Missing

_PATIENCE = 20


@contextmanager
def redis_server() -> Iterator[str]:
    """Start one on a free loopback port, which keeps nothing; gives its address. Raises Missing."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("Redis", "apt-get install redis-server")
    port = free_port()
    address = f"redis://127.0.0.1:{port}/0"
    with TemporaryDirectory() as folder:
        words = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        server = subprocess.Popen(  # noqa: S603 - our own words
            [program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait(address)
            yield address
        finally:
            server.terminate()
            server.wait(_PATIENCE)


def _wait(address: str) -> None:
    # Imported here: every run of pytest loads this plugin, and few need Redis.
    redis = import_module("redis")
    client, end = redis.from_url(address), time.monotonic() + _PATIENCE
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            client.close()
            return
