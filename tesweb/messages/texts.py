"""What a message says: its template in the reader's language, with its values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from flask import current_app, g

from tesweb.config import Settings
from tesweb.current import core
from tesweb.identity.devices import network_in_words
from tesweb.journal.wording import ending, sentence
from tesweb.layout.formats import FORMATS
from tesweb.layout.languages import LANGUAGES, in_language
from tesweb.payments.wording import advice
from tesweb.regions.region import Region

#: What an address may hold as it is; the percent sign too, as paths come quoted.
_SAFE = "/?=&%:@!$'()*+,;~-._"


@dataclass(frozen=True, slots=True)
class Text:
    """A message as it is read."""

    #: One line without control characters; empty for a text message.
    subject: str
    body: str


def compose(template: str, channel: str, language: str, values: dict[str, Any]) -> Text:
    """The message in the reader's language; `region` among the values is the region's name.

    Raises jinja2.TemplateNotFound where the template is gone.
    """
    code = language if language in LANGUAGES else LANGUAGES[0]
    region = core().region(str(values.get("region") or ""))
    with current_app.app_context():
        # Lazy texts ask for the language of a request, and there is none.
        g.tesweb_language = in_language(code)
        found = in_language(code).template(f"messages/{template}.{channel}.txt")
        rendered = found.render(values | _tools(code, region)).strip()
    if channel == "sms":
        return Text("", rendered)
    subject, _, body = rendered.partition("\n")
    return Text(" ".join(subject.split()), f"{body.strip()}\n\n-- \n{_signature(code, region)}\n")


def public_address(settings: Settings) -> str:
    """How readers reach the server; without the setting it is this machine alone."""
    return settings.public_address or f"http://localhost:{settings.port}"


def _tools(code: str, region: Region) -> dict[str, Any]:
    address = public_address(core().settings)
    return {
        "region": region,
        "language": code,
        "host": urlsplit(address).hostname,
        "link": lambda path: address + quote(path, safe=_SAFE),
        "sentence": sentence,
        "ending": ending,
        "advice": advice,
        "local": lambda text: FORMATS[code].moment(datetime.fromisoformat(text), region.timezone),
        "network_in_words": network_in_words,
    }


def _signature(code: str, region: Region) -> str:
    return f"{region.title(code)}\n{region.contacts.phone}"
