"""Pages travel compressed, in whichever way the browser takes."""

import gzip
from collections.abc import Callable

import brotli
import pytest

from tesweb.testing.client import Client

HTML_END = b"</html>"


@pytest.mark.parametrize(
    ("accepted", "coding", "unpack"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("br;q=0.2, gzip;q=0.9", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("*", "br", brotli.decompress),
    ],
)
@pytest.mark.parametrize("url", ["/login", "/nowhere"])
def test_a_page_is_compressed_as_the_browser_takes_it(
    client: Client, url: str, accepted: str, coding: str, unpack: Callable[[bytes], bytes]
) -> None:
    response = client.get(url, headers={"Accept-Encoding": accepted})
    assert response.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in ", ".join(response.headers.getlist("Vary"))
    assert unpack(response.data).rstrip().endswith(HTML_END)
    assert int(response.headers["Content-Length"]) == len(response.data)


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0, gzip;q=0", "zstd"])
def test_who_takes_no_compression_gets_the_plain_page(client: Client, accepted: str) -> None:
    response = client.get("/login", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response.headers
    assert "Accept-Encoding" in ", ".join(response.headers.getlist("Vary"))
    assert response.data.rstrip().endswith(HTML_END)


def test_a_small_answer_and_a_redirect_are_left_as_they_are(client: Client) -> None:
    for url in ("/healthz", "/"):
        assert "Content-Encoding" not in client.get(url, headers={"Accept-Encoding": "br"}).headers
