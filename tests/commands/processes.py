"""`tesweb` as a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

TESWEB = Path(sys.executable).with_name("tesweb")
SECRET = "0123456789abcdef" * 4


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"TESWEB_FOLDER": str(folder), "TESWEB_SECRET_KEY": SECRET} | more


def call(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TESWEB, *words],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
