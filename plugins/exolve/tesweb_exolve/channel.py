"""One request of Exolve's SMS API; it follows no redirect and knows no proxy."""

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tesweb.api import NotSent, Refused, Unreachable
from tesweb_exolve.settings import ExolveSettings

_PATH = "/messaging/v1/SendSMS"
#: How long the service may take for one answer, in seconds.
_PATIENCE = 15
_LONGEST = 65_536
#: The service understood us and will not take this message.
_NEVER = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class Exolve:
    """The channel `sms`."""

    settings: ExolveSettings
    name = "sms"

    def send(self, recipient: str, subject: str, text: str, key: str) -> None:
        """Hand a text message over. Raises NotSent, Unreachable or Refused.

        The service knows no key that makes a repetition harmless, so an answer that is lost on its
        way costs a second message.
        """
        del subject, key
        body = {
            "number": self.settings.sender,
            "destination": recipient.removeprefix("+"),
            "text": text,
        }
        try:
            status, answer = self._post(json.dumps(body, ensure_ascii=False).encode())
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"Exolve: {type(error).__name__}") from None
        if status in _NEVER:
            raise Refused(f"Exolve answered {status}")
        if status != http.client.OK:
            raise Unreachable(f"Exolve answered {status}")
        if not _is_taken(answer):
            raise NotSent("Exolve gave the message no number")

    def _post(self, body: bytes) -> tuple[int, bytes]:
        place = urlsplit(self.settings.address)
        connection = _connect(place.scheme, place.hostname or "", place.port)
        try:
            headers = {
                "Authorization": f"Bearer {self.settings.key.get_secret_value()}",
                "Content-Type": "application/json",
                "Accept": "application/json",
            }
            connection.request("POST", _PATH, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_LONGEST)
        finally:
            connection.close()


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=_PATIENCE, context=context)


def _is_taken(answer: bytes) -> bool:
    try:
        found: Any = json.loads(answer)
    except ValueError:
        return False
    return isinstance(found, dict) and bool(found.get("message_id"))
