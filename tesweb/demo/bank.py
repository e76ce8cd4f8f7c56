"""The demo's bank: the plugin `sandbox_bank` as a process of its own, which ends with the demo."""

import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tesweb.config import Settings
from tesweb.discovery import Candidate, discover
from tesweb.messages.inbox import inbox_of

PLUGIN = "sandbox_bank"
SHOP = "100500"
#: The gateway that the bank speaks to; its name stands in the address of notices.
GATEWAY = "yookassa"
#: How long it may take to answer, in seconds; a busy machine needs many.
_PATIENCE = 60
_LONGEST_FAULT = 2000


class BankFailed(Exception):
    """The bank has not started; the text says why."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank that runs."""

    #: Without a slash at the end.
    address: str
    api: str
    shop_id: str
    secret_key: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def facts(self) -> dict[str, str]:
        """What `tesweb demo --json` tells of it."""
        return {
            "address": self.address,
            "api": self.api,
            "shop_id": self.shop_id,
            "secret_key": self.secret_key,
        }

    def gateway_settings(self) -> dict[str, dict[str, object]]:
        """Sections of settings for the gateway that pays here: its plugin's name and the values."""
        section: dict[str, object] = {
            "api": self.api,
            "shop_id": self.shop_id,
            "secret_key": self.secret_key,
            "origins": [self.address],
            "networks": ["127.0.0.0/8"],
        }
        return {GATEWAY: section}

    def wait(self) -> None:
        """Until it answers. Raises BankFailed."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            # One line as soon as it listens, written to the log.
            if b'"api"' in self.log.read_bytes():
                return
            time.sleep(0.05)
        said = self.log.read_text("utf-8", "replace").strip()[-_LONGEST_FAULT:]
        raise BankFailed(f"the sandbox bank did not start: {said or 'it said nothing'}")

    def stop(self) -> None:
        """End it; its books are written already."""
        self.process.terminate()
        self.process.wait()


def start(chosen: Settings, port: int, today: date | None) -> Bank | None:
    """Start the bank of a demo on a port; None where there is no such plugin."""
    plugin = _plugin(chosen, PLUGIN)
    if plugin is None:
        return None
    folder, secret = chosen.folder / "bank", f"test_{secrets.token_urlsafe(24)}"
    folder.mkdir()
    command = [sys.executable, "-m", plugin.module, "--with-parent", "--port", str(port)]
    command += ["--folder", str(folder), "--shop-id", SHOP, "--inbox", str(inbox_of(chosen.folder))]
    command += ["--notify-url", f"{chosen.public_address}/pay/{GATEWAY}/notify"]
    command += [] if today is None else ["--today", today.isoformat()]
    log = folder / "bank.log"
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            env=_environment(plugin, secret),
            # Nothing is ever written to it: the bank ends when it breaks.
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    return Bank(address, f"{address}/v3", SHOP, secret, process, log)


def paid_at(bank: Bank | None, chosen: Settings) -> Settings:
    """The settings with the gateway that pays at this bank, whatever shop they named before."""
    if bank is None or _plugin(chosen, GATEWAY) is None:
        return chosen
    sections = {
        name: chosen.plugins.get(name, {}) | values
        for name, values in bank.gateway_settings().items()
    }
    return chosen.model_copy(update={"plugins": chosen.plugins | sections})


def _plugin(chosen: Settings, name: str) -> Candidate | None:
    if name in chosen.plugins_off:
        return None
    found = discover(chosen.plugins_folder)
    return next((candidate for candidate in found if candidate.name == name), None)


def _environment(plugin: Candidate, secret: str) -> dict[str, str]:
    """The secret goes this way: a command line can be read by everybody on the machine."""
    paths = [os.environ.get("PYTHONPATH", ""), str(plugin.path or "")]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "SANDBOX_BANK_SECRET_KEY": secret,
        "TESWEB_DEMO": "1",
    }
