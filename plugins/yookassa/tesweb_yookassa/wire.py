"""Talking to YooKassa: JSON over HTTPS, within a time, with nothing secret in any message."""

import json
import re
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from socket import SHUT_RDWR, socket
from typing import Any

import httpx

from tesweb.api import payments
from tesweb_yookassa.settings import YooKassaSettings

#: How long a connection may take to come about, in seconds.
_CONNECT = 5.0
#: A page of a list has a hundred payments of a few kilobytes each.
_LONGEST = 4 * 1024 * 1024
#: YooKassa understood us and says no. 401, 403 and 429 are our set-up or its limit, the rest may be
#: anybody's between us and it.
_NO = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})
_WORD = re.compile(r"[\w.\[\]-]{1,64}", re.ASCII)
Body = dict[str, Any]


class Rejected(Exception):
    """YooKassa says no in its own words."""

    def __init__(self, status: int, error: Body) -> None:
        """Keep of them what holds nobody's data: codes and names."""
        self.status = status
        self.parameter = _word(error.get("parameter"))
        super().__init__(
            f"YooKassa answered {status} {_word(error.get('code'))} {self.parameter}".strip()
            + f" (id {_word(error.get('id'))})"
        )

    @property
    def is_about_key(self) -> bool:
        """Whether the key was used before, with another body: then it may have happened."""
        return self.parameter.lower().replace("_", "-") == "idempotence-key"


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to YooKassa."""

    settings: YooKassaSettings
    #: The machine's own authorities: a Russian one is put there, not into Python's list.
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    @contextmanager
    def call(self) -> Iterator["Call"]:
        """A call of the gateway: some requests, together within the time.

        No connection outlives it: one that YooKassa has closed meanwhile would make the next
        payment unclear.
        """
        chosen = self.settings
        with httpx.Client(
            auth=(chosen.shop_id, chosen.secret_key.get_secret_value()),
            verify=self.context,
            trust_env=False,
            follow_redirects=False,
        ) as client:
            yield Call(chosen.api, client, time.monotonic() + chosen.patience)


@dataclass(slots=True)
class Call:
    """Requests that share a connection and an end."""

    api: str
    client: httpx.Client = field(repr=False)
    ends: float
    line: socket | None = None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Body:
        """What YooKassa knows. Raises Rejected or Unclear."""
        return self._ask("GET", path, {}, params=params)

    def post(self, path: str, key: str, body: Body) -> Body:
        """What came of it; the same key is the same request. Raises Rejected or Unclear."""
        headers = {"Idempotence-Key": key, "Content-Type": "application/json"}
        return self._ask("POST", path, headers, content=json.dumps(body, ensure_ascii=False))

    def _ask(self, method: str, path: str, headers: dict[str, str], **what: Any) -> Body:  # noqa: ANN401 - httpx's own
        left = self.ends - time.monotonic()
        if left <= 0:
            raise payments.Unclear("YooKassa takes too long")
        watch = threading.Timer(left, self._cut)
        watch.daemon = True
        watch.start()
        try:
            with self.client.stream(
                method,
                self.api + path,
                headers=headers | {"Accept": "application/json", "Accept-Encoding": "identity"},
                timeout=httpx.Timeout(left, connect=min(left, _CONNECT)),
                extensions={"trace": self._note},
                **what,
            ) as answer:
                return _judged(answer.status_code, _read(answer))
        except (httpx.HTTPError, OSError, ValueError) as error:
            # The text of one of httpx's may name addresses; its kind is enough.
            raise payments.Unclear(f"YooKassa: {type(error).__name__}") from None
        finally:
            watch.cancel()

    def _note(self, event: str, facts: Mapping[str, Any]) -> None:
        """Remember the socket that a request goes over."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self.line = facts["return_value"].get_extra_info("socket")

    def _cut(self) -> None:
        """End a request that drips: httpx counts the time of each packet anew."""
        if self.line is not None:
            # Not SSLSocket's own, which takes the reader's state away under its feet.
            try:
                socket.shutdown(self.line, SHUT_RDWR)
            except OSError:
                return


def _read(answer: httpx.Response) -> bytes:
    parts, length = [], 0
    for part in answer.iter_raw():
        parts.append(part)
        length += len(part)
        if length > _LONGEST:
            raise payments.Unclear("YooKassa's answer has no end")
    return b"".join(parts)


def _judged(status: int, content: bytes) -> Body:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise payments.Unclear(f"YooKassa answered {status} and no JSON")
    if status == HTTPStatus.OK:
        return body
    if status in _NO and body.get("type") == "error":
        raise Rejected(status, body)
    raise payments.Unclear(f"YooKassa answered {status} {_word(body.get('code'))}".strip())


def _word(found: object) -> str:
    """A name or a code that YooKassa sent; nothing else is fit for a log."""
    return found if isinstance(found, str) and _WORD.fullmatch(found) else ""
