"""What a browser asks for to show a page, and what that weighs as it is sent."""

from html.parser import HTMLParser

from werkzeug.test import TestResponse

from tesweb.testing.client import Client

KB = 1000
#: Every browser of today asks for brotli.
BROTLI = {"Accept-Encoding": "gzip, deflate, br"}
_LOADED = {"stylesheet", "icon", "manifest", "preload", "modulepreload"}


class Wanted(HTMLParser):
    """The addresses that a document makes the browser load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: dict[str, None] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        address = given.get("src", "")
        if tag == "use" or (tag == "link" and _LOADED & set(given.get("rel", "").split())):
            address = given.get("href", "")
        if address and tag in {"script", "img", "use", "link", "source"}:
            self.addresses[address.partition("#")[0]] = None


def ask(client: Client, address: str, **headers: str) -> TestResponse:
    """An answer as it is sent; the test client does not unpack it."""
    response = client.get(address, headers=BROTLI | headers)
    response.get_data()
    response.close()
    assert response.status_code == 200, f"{address}: {response.status}"
    return response


def body_bytes(response: TestResponse) -> int:
    assert response.headers.get("Content-Encoding") == "br", response.request.path
    return len(response.data)


def wire_bytes(response: TestResponse) -> int:
    """With its headers as HTTP/1.1 writes them; HTTP/2 makes them smaller."""
    lines = [f"HTTP/1.1 {response.status}", *(f"{n}: {v}" for n, v in response.headers), "", ""]
    return len(response.data) + sum(len(line.encode()) + 2 for line in lines)


def first_load(client: Client, address: str) -> dict[str, int]:
    """The page and all it loads, each with its bytes."""
    response = ask(client, address)
    html = client.get(address).text
    sizes = {address: wire_bytes(response)}
    for wanted in Wanted(html).addresses:
        sizes[wanted] = wire_bytes(ask(client, wanted))
    return sizes
