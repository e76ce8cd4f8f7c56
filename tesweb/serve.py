"""Granian, set up for this application."""

import json
import os
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tesweb.config import Settings


def serve(settings: Settings, application: str = "tesweb.wsgi:application") -> None:
    """Serve until a signal ends it. The workers read their settings from the environment.

    `application` names a factory, for the benchmark's bare route on the very same server.

    One blocking thread per process: pages are short, and threads only pass the interpreter's lock
    around; more cores are used by more processes.
    """
    Granian(
        application,
        factory=True,
        address=settings.address,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=1,
        respawn_failed_workers=True,
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_key,
        log_level=LogLevels.warning,
        process_name=None,
    ).serve()


def hand_over(settings: Settings) -> None:
    """Put the settings into the environment, where the workers find them."""
    given = settings.model_dump(mode="json", exclude_unset=True)
    given["secret_key"] = settings.secret_key.get_secret_value()
    for name, value in given.items():
        if isinstance(value, str | int | float | bool):
            os.environ[f"TESWEB_{name.upper()}"] = str(value)
        elif isinstance(value, dict):
            # What single variables say is in it already, or was overruled: a demo's gateway pays at
            # the demo's bank, whatever shop the environment names.
            for known in [key for key in os.environ if _is_part(key, name)]:
                del os.environ[known]
            os.environ[f"TESWEB_{name.upper()}"] = json.dumps(value)


def _is_part(variable: str, name: str) -> bool:
    return variable.upper().startswith(f"TESWEB_{name.upper()}__")


def free_folder(folder: Path, marker: str) -> bool:
    """Whether the folder is new, empty, or was made by the same command before."""
    return not folder.exists() or not any(folder.iterdir()) or (folder / marker).exists()
