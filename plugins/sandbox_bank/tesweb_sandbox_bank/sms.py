"""Text messages of the bank: into the demo's inbox, as `tesweb.messages.inbox` keeps its own."""

import json
from uuid import uuid4

from tesweb_sandbox_bank.bank import Bank

#: A number that is given to nobody.
_PHONE = "+79000000000"


def send(bank: Bank, text: str) -> None:
    """Show a message in the inbox, if there is one."""
    folder = bank.options.inbox
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    sent = {
        "channel": "sms",
        "recipient": _PHONE,
        "subject": "",
        "text": text,
        "moment": bank.clock.now().isoformat(),
    }
    key = f"bank-{uuid4()}"
    # A reader never sees half of it.
    draft = folder / f"{key}.part"
    draft.write_text(json.dumps(sent, ensure_ascii=False), "utf-8")
    draft.replace(folder / f"{key}.json")
