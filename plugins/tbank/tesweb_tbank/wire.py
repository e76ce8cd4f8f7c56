"""Talking to T-Bank: signed JSON over HTTPS, within a time, nothing secret in any message."""

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
from tesweb_tbank.settings import TBankSettings
from tesweb_tbank.signing import token

#: How long a connection may take to come about, in seconds.
_CONNECT = 5.0
_LONGEST = 1024 * 1024
_CODE = re.compile(r"\d{1,6}", re.ASCII)
Body = dict[str, Any]


class Rejected(Exception):
    """T-Bank says no; its texts may name people, so its code is all that is kept."""

    def __init__(self, method: str, body: Body) -> None:
        """Keep the code."""
        told = str(body.get("ErrorCode"))
        self.code = told if _CODE.fullmatch(told) else ""
        super().__init__(f"T-Bank answered {method} with {self.code or 'no code'}")


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to T-Bank."""

    settings: TBankSettings
    #: The machine's own authorities: a Russian one is put there, not into Python's list.
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    @contextmanager
    def call(self) -> Iterator["Call"]:
        """A call of the gateway: some requests, together within the time.

        No connection outlives it: one that T-Bank has closed meanwhile would make the next
        payment unclear.
        """
        with httpx.Client(verify=self.context, trust_env=False, follow_redirects=False) as client:
            yield Call(self.settings, client, time.monotonic() + self.settings.patience)


@dataclass(slots=True)
class Call:
    """Requests that share a connection and an end."""

    settings: TBankSettings
    client: httpx.Client = field(repr=False)
    ends: float
    line: socket | None = None

    def ask(self, method: str, body: Body) -> Body:
        """What T-Bank says, be it about a payment that failed. Raises Rejected or Unclear."""
        found = self._ask(method, body)
        if not isinstance(found, dict):
            raise payments.Unclear(f"T-Bank answered {method} with a list")
        # An answer that tells a state is about the payment; its code says why that failed.
        if found.get("Success") is not True and not found.get("Status"):
            raise Rejected(method, found)
        return found

    def listed(self, method: str, body: Body) -> list[Body]:
        """The objects of a list. Raises Rejected or Unclear."""
        found = self._ask(method, body)
        if isinstance(found, dict):
            raise Rejected(method, found)
        if not all(isinstance(one, dict) for one in found):
            raise payments.Unclear(f"T-Bank's answer to {method} is no list of objects")
        return found

    def _ask(self, method: str, body: Body) -> Body | list[Body]:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise payments.Unclear("T-Bank takes too long")
        whole = body | {"TerminalKey": self.settings.terminal_key}
        whole["Token"] = token(whole, self.settings.password)
        watch = threading.Timer(left, self._cut)
        watch.daemon = True
        watch.start()
        try:
            with self.client.stream(
                "POST",
                f"{self.settings.api}/{method}",
                content=json.dumps(whole, ensure_ascii=False),
                headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
                timeout=httpx.Timeout(left, connect=min(left, _CONNECT)),
                extensions={"trace": self._note},
            ) as answer:
                return _judged(method, answer.status_code, _read(answer))
        except (httpx.HTTPError, OSError, ValueError) as error:
            # The text of one of httpx's may name addresses; its kind is enough.
            raise payments.Unclear(f"T-Bank: {type(error).__name__}") from None
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
            raise payments.Unclear("T-Bank's answer has no end")
    return b"".join(parts)


def _judged(method: str, status: int, content: bytes) -> Body | list[Body]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if status != HTTPStatus.OK or not isinstance(body, dict | list):
        raise payments.Unclear(f"T-Bank answered {method} with {status} and nothing of its own")
    return body
