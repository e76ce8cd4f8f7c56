"""Paper: what a template of Typst makes of data, so that nothing that somebody typed is markup."""

import importlib
import json
from collections.abc import Mapping

from tesweb.resources import TEMPLATES


def made(template: str, document: Mapping[str, object]) -> bytes:
    """The PDF that a template below `templates/` makes of `document`, which it reads as JSON."""
    # The compiler takes 0.1 s to load, which no start of the server shall pay for.
    typst = importlib.import_module("typst")
    text = json.dumps(document, ensure_ascii=False)
    found: bytes = typst.compile(
        TEMPLATES / template, sys_inputs={"document": text}, ignore_system_fonts=True
    )
    return found
